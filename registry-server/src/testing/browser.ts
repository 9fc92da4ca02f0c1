/** A client that keeps cookies and says where it is from, as a browser does. */
export class TestBrowser {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies
  }

  send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      ...(method === 'GET' ? {} : { origin: this.#url }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return this.#fetch(path, headers, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }

  /** Sends a form of a page. Where it leads is not followed. */
  form(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { origin: this.#url, accept: 'text/html' }
    return this.#fetch(path, headers, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  }

  async #fetch(path: string, headers: Readonly<Record<string, string>>, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${this.#url}${path}`, { ...init, headers: { ...headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /** The JSON of an answer that must be of this status. */
  async json<T>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, body)
    const text = await response.text()
    if (response.status !== status)
      throw new Error(`${method} ${path}: found ${response.status} ${text}, want ${status}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}
