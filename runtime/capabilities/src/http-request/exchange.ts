import type { CapabilityErrorCode, HttpRequest, HttpResponse, HttpResponseHead } from '@ingot/sdk'
import type { Dispatcher } from 'undici'

/** One request on the wire and its response, redirects not followed. */
export interface ExchangeOptions {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly path: string
  readonly method: string
  readonly headers: readonly string[]
  readonly body: HttpRequest['body']
  readonly bodyBytesMax: number
  readonly onData: HttpRequest['onData'] | undefined
  /** Fires with the {@link ExchangeError} that ends the exchange. */
  readonly signal: AbortSignal
}

export class ExchangeError extends Error {
  readonly code: CapabilityErrorCode
  constructor(code: CapabilityErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function exchange(options: ExchangeOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(options, resolve, reject)
    options.signal.addEventListener('abort', handler.onAbort, { once: true })
    const { dispatcher, origin, path, method, headers, body } = options
    try {
      dispatcher.dispatch(
        { origin, path, method: method as Dispatcher.HttpMethod, headers: headers as string[], body: wireBody(body) },
        handler,
      )
    } catch (error) {
      handler.onResponseError(undefined, error as Error)
    }
  })
}

/** undici writes an iterable chunk by chunk; a single chunk goes out in the packet of the headers. */
function wireBody(body: HttpRequest['body']): NonNullable<Dispatcher.DispatchOptions['body']> | null {
  if (body === undefined) return null
  if (body instanceof Uint8Array) return body
  return body.length === 1 ? body[0]! : (body as unknown as Uint8Array)
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly onAbort = () => this.#fail(this.#options.signal.reason as Error)
  readonly #options: ExchangeOptions
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (error: Error) => void
  #controller: Dispatcher.DispatchController | undefined
  #head: HttpResponseHead = { status: 0, headers: {} }
  #streaming = false
  #pieces: Uint8Array[] = []
  #bytes = 0
  #settled = false

  constructor(options: ExchangeOptions, resolve: (response: HttpResponse) => void, reject: (error: Error) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) controller.abort(new Error('given up'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // Informational responses (103) come before the real one.
    if (status < 200) return
    const joined: Record<string, string> = {}
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
    }
    this.#head = { status, headers: joined }
    this.#streaming = status === 200 && this.#options.onData !== undefined
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#settled) return
    this.#bytes += piece.length
    if (this.#bytes > this.#options.bodyBytesMax) {
      this.#fail(new ExchangeError('too_large', `the response has more than ${this.#options.bodyBytesMax} bytes`))
    } else if (this.#streaming) {
      try {
        this.#options.onData!(piece, this.#head)
      } catch (error) {
        this.#fail(error as Error)
      }
    } else {
      // The memory of a piece is used again.
      this.#pieces.push(Buffer.from(piece))
    }
  }

  onResponseEnd(): void {
    const pieces = this.#pieces
    const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, this.#streaming ? 0 : this.#bytes)
    this.#settle(() => this.#resolve({ ...this.#head, body }))
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#settle(() => this.#reject(error))
  }

  #fail(error: Error): void {
    this.#settle(() => this.#reject(error))
    this.#controller?.abort(error)
  }

  #settle(run: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#pieces = []
    this.#options.signal.removeEventListener('abort', this.onAbort)
    run()
  }
}
