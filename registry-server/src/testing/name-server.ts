import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { decode, encode, type Answer } from 'dns-packet'

const flags = { answer: 0x0400, noSuchName: 3 } as const

/** A real name server on this machine: it answers with the records that it was given, and counts who asks for what. */
export class NameServer {
  readonly #socket: Socket
  readonly #texts = new Map<string, readonly string[]>()
  readonly #addresses = new Map<string, readonly string[]>()
  readonly asked: string[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, { port, address }) => {
      const query = decode(bytes)
      const [question] = query.questions ?? []
      const { name = '', type } = question ?? {}
      this.asked.push(`${type} ${name}`)
      const known = [this.#texts, this.#addresses].some((records) => records.has(name.toLowerCase()))
      const reply = encode({
        type: 'response',
        id: query.id ?? 0,
        flags: flags.answer | (known ? 0 : flags.noSuchName),
        questions: query.questions ?? [],
        answers: this.#answers(name, type),
      })
      socket.send(reply, port, address)
    })
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4')
    await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
    return new NameServer(socket)
  }

  get address(): string {
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`
  }

  /** TXT records of a name; without any there is no such name. */
  setTexts(name: string, ...texts: readonly string[]): void {
    if (texts.length === 0) this.#texts.delete(name)
    else this.#texts.set(name, texts)
  }

  setAddresses(name: string, ...addresses: readonly string[]): void {
    this.#addresses.set(name, addresses)
  }

  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.#socket.close(closed))
  }

  #answers(name: string, type: string | undefined): Answer[] {
    const key = name.toLowerCase()
    if (type === 'TXT') {
      return (this.#texts.get(key) ?? []).map((data) => ({ type: 'TXT', name, ttl: 0, data: pieces(data) }))
    }
    const wanted = type === 'A' ? /\./ : /:/
    const found = type === 'A' || type === 'AAAA' ? (this.#addresses.get(key) ?? []) : []
    return found.filter((data) => wanted.test(data)).map((data) => ({ type: type as 'A', name, ttl: 0, data }))
  }
}

/** A record is made of strings of at most 255 bytes (RFC 1035). */
function pieces(text: string): string[] {
  return text.match(/.{1,30}/gs) ?? ['']
}
