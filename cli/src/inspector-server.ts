import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Inspection } from '@ingot/engine'
import { WebSocketServer, type WebSocket } from 'ws'

/** What a debugger sends at once. */
const messageBytesMax = 16 * 1024 * 1024

/** Where a debugger finds one instance: kept while its runners are replaced. */
interface Target {
  readonly path: string
  send: ((text: string) => void) | undefined
  debugger: WebSocket | undefined
}

/**
 * Lets debuggers that speak the Chrome DevTools Protocol attach to instances of a module, one at a time to each. It
 * listens on loopback alone, and whoever does not know the random path of an instance gets nothing: no list is served.
 */
export class InspectorServer {
  readonly #server: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax })
  readonly #targets = new Map<string, Target>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param port 0 takes a free one */
  static async open(port: number): Promise<InspectorServer> {
    const server = createServer((_request, response) => response.writeHead(404).end())
    const inspector = new InspectorServer(server)
    server.on('upgrade', (request, socket, head) => {
      const target = inspector.#targetOf(request)
      if (!target) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      inspector.#sockets.handleUpgrade(request, socket, head, (opened) => attach(target, opened))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return inspector
  }

  /** Address at which a debugger attaches to an instance. */
  urlOf(instance: string): string {
    const { port } = this.#server.address() as AddressInfo
    return `ws://127.0.0.1:${port}${this.#target(instance).path}`
  }

  /** Connects a runner of an instance. */
  inspection(instance: string, sourceMapUrl: string | undefined): Inspection {
    const target = this.#target(instance)
    let mine: Target['send']
    return {
      ...(sourceMapUrl !== undefined && { sourceMapUrl }),
      opened: (send) => {
        letGo(target)
        target.send = mine = send
      },
      message: (text) => {
        if (target.send === mine) target.debugger?.send(text)
      },
      // A successor may be there before this one has ended.
      closed: () => {
        if (target.send !== mine) return
        target.send = undefined
        letGo(target)
      },
    }
  }

  close(): void {
    for (const { debugger: attached } of this.#targets.values()) attached?.terminate()
    this.#server.close()
  }

  #target(instance: string): Target {
    let target = this.#targets.get(instance)
    if (!target)
      this.#targets.set(instance, (target = { path: `/${randomUUID()}`, send: undefined, debugger: undefined }))
    return target
  }

  /** Pages of the web may not attach, whatever they know. */
  #targetOf({ url, headers }: IncomingMessage): Target | undefined {
    if (headers.origin !== undefined && /^https?:/.test(headers.origin)) return undefined
    return [...this.#targets.values()].find(({ path }) => path === url)
  }
}

function attach(target: Target, opened: WebSocket): void {
  if (!target.send || target.debugger) {
    opened.close(1013, target.debugger ? 'another debugger is attached' : 'the component does not run')
    return
  }
  target.debugger = opened
  opened.on('message', (data: Buffer) => {
    if (target.debugger === opened) target.send?.(oneLine(data.toString()))
  })
  opened.on('close', () => {
    if (target.debugger !== opened) return
    target.debugger = undefined
    // Nobody is left who could go on.
    target.send?.('{"id":2147483647,"method":"Debugger.disable"}')
  })
  opened.on('error', () => opened.terminate())
}

/** What a debugger knew of scripts and breakpoints is gone with their runner: it attaches again. */
function letGo(target: Target): void {
  target.debugger?.close(1012, 'the code was replaced')
  target.debugger = undefined
}

/** JSON means the same without its line ends. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
