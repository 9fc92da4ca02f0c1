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
  /** Resolves when that many attempts to listen have come to an end, or when it is closed. */
  untilListening(attempts: number): Promise<void>
  close(): Promise<void>
}

export function createHttpServer({ access, allowed, internal, mount }: HttpServeOptions): ServeCapability {
  const open = new Set<Listener>()
  let attempts = 0
  let waiting: { readonly attempts: number; readonly resolve: () => void }[] = []
  const attempted = (ended: number): void => {
    attempts += ended
    for (const one of waiting) if (attempts >= one.attempts) one.resolve()
    waiting = waiting.filter((one) => attempts < one.attempts)
  }
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
      listenHttp: (options, handler) =>
        listen(options, () => listenHttp(access, options, handler)).finally(() => attempted(1)),
      listenGrpc: (options, methods) =>
        listen(options, () => listenGrpc(access, options, methods)).finally(() => attempted(1)),
      mount(path, handler) {
        access.used('http.serve')
        mount(path, handler)
      },
    },
    untilListening: (wanted) =>
      new Promise((resolve) => {
        waiting.push({ attempts: wanted, resolve })
        attempted(0)
      }),
    close: async () => {
      attempted(Infinity)
      await Promise.all([...open].map((listener) => listener.close()))
    },
  }
}
