import { refused, type Outcome } from '@ingot/sdk'
import { decodeFrame, encodeFrame, type Batch } from '@ingot/telemetry'
import type { MessagePort } from 'node:worker_threads'
import type { Link } from '../link/link.ts'
import type { WireRequest, WireResponse } from './protocol.ts'

/** How long a request to a component in another lane may take. */
const requestTimeoutMs = 60_000

type PeerMessage =
  | {
      readonly kind: 'batch'
      readonly id: number
      readonly component: string
      readonly port: string
      readonly frame: Uint8Array
    }
  | { readonly kind: 'settled'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'request'; readonly id: number; readonly component: string; readonly request: WireRequest }
  | { readonly kind: 'response'; readonly id: number; readonly response: WireResponse }

/** What a lane does with what its peers send. */
export interface PeerHandlers {
  receive(component: string, port: string, batch: Batch): Promise<Outcome>
  serve(component: string, request: WireRequest): Promise<WireResponse>
}

interface Unsettled {
  readonly component: string
  readonly port: string
  readonly batch: Batch
  readonly settle: (outcome: Outcome) => void
}

/**
 * The way to another lane. A batch is copied into a self-contained frame and kept until its fate is settled, so that
 * what a lane held when it died is sent again to the lane that takes its place.
 */
export class LanePeer {
  readonly #handlers: PeerHandlers
  readonly #unsettled = new Map<number, Unsettled>()
  readonly #requests = new Map<number, (response: WireResponse) => void>()
  #port: MessagePort | undefined
  #nextId = 1

  constructor(handlers: PeerHandlers) {
    this.#handlers = handlers
  }

  /** Takes a new port: at start, and again when the peer has been restarted. */
  connect(port: MessagePort): void {
    this.#port?.close()
    this.#port = port
    port.on('message', (message: PeerMessage) => this.#onMessage(port, message))
    for (const [id, entry] of this.#unsettled) this.#post(id, entry)
  }

  link(component: string): Link {
    return {
      deliver: (port, batch) =>
        new Promise<Outcome>((settle) => {
          const id = this.#nextId++
          const entry = { component, port, batch, settle }
          this.#unsettled.set(id, entry)
          this.#post(id, entry)
        }),
    }
  }

  /** Gives back everything under way: the receiver has moved or is gone. */
  giveBack(component: string): void {
    for (const [id, entry] of this.#unsettled) {
      if (entry.component !== component) continue
      this.#unsettled.delete(id)
      entry.settle(refused('receiver stopped'))
    }
  }

  request(component: string, request: WireRequest): Promise<WireResponse> {
    return new Promise((resolve) => {
      const id = this.#nextId++
      const timer = setTimeout(() => {
        this.#requests.delete(id)
        resolve({ status: 504, headers: {}, body: new Uint8Array() })
      }, requestTimeoutMs)
      this.#requests.set(id, (response) => {
        clearTimeout(timer)
        resolve(response)
      })
      this.#port?.postMessage({ kind: 'request', id, component, request } satisfies PeerMessage)
    })
  }

  #post(id: number, { component, port, batch }: Unsettled): void {
    const frame = encodeFrame(batch)
    const owned = frame.byteLength === frame.buffer.byteLength ? frame : frame.slice()
    this.#port?.postMessage({ kind: 'batch', id, component, port, frame: owned } satisfies PeerMessage, [
      owned.buffer as ArrayBuffer,
    ])
  }

  #onMessage(port: MessagePort, message: PeerMessage): void {
    switch (message.kind) {
      case 'batch':
        void this.#receive(port, message)
        return
      case 'settled': {
        const entry = this.#unsettled.get(message.id)
        this.#unsettled.delete(message.id)
        entry?.settle(message.outcome)
        return
      }
      case 'request':
        void this.#handlers.serve(message.component, message.request).then((response) => {
          port.postMessage({ kind: 'response', id: message.id, response } satisfies PeerMessage)
        })
        return
      case 'response':
        this.#requests.get(message.id)?.(message.response)
        this.#requests.delete(message.id)
    }
  }

  async #receive(port: MessagePort, message: Extract<PeerMessage, { kind: 'batch' }>): Promise<void> {
    const outcome = await this.#handlers.receive(message.component, message.port, decodeFrame(message.frame))
    port.postMessage({ kind: 'settled', id: message.id, outcome } satisfies PeerMessage)
  }
}
