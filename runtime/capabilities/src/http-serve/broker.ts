import type { HttpServer, Listener, ListenOptions } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { listenGrpc } from './grpc-listener.ts'
import { listenHttp, type HttpHandler } from './http-listener.ts'
import { checkListen } from './policy.ts'

/** Listeners that one instance has open at once. */
const listenersMax = 64

export interface HttpServeOptions {
  readonly access: Access
  readonly allowed: () => Designation
  readonly internal: HttpServer['internal']
  mount(path: string, handler: HttpHandler): void
}

export interface ServeCapability {
  readonly server: HttpServer
  close(): Promise<void>
}

export function createHttpServer({ access, allowed, internal, mount }: HttpServeOptions): ServeCapability {
  const open = new Set<Listener>()
  const listen = async (options: ListenOptions, start: () => Promise<Listener>): Promise<Listener> => {
    checkListen(access, allowed(), options.address)
    if (open.size >= listenersMax)
      throw access.error('full', `Cannot listen on "${options.address}": ${listenersMax} listeners are open`)
    const started = await start()
    const listener: Listener = {
      address: started.address,
      close: async (graceMs) => {
        open.delete(listener)
        await started.close(graceMs)
      },
    }
    open.add(listener)
    return listener
  }
  return {
    server: {
      internal,
      listenHttp: (options, handler) => listen(options, () => listenHttp(access, options, handler)),
      listenGrpc: (options, methods) => listen(options, () => listenGrpc(access, options, methods)),
      mount(path, handler) {
        access.used('http.serve')
        mount(path, handler)
      },
    },
    close: async () => {
      await Promise.all([...open].map((listener) => listener.close()))
    },
  }
}
