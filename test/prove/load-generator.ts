/**
 * Sends GET requests at a steady rate over kept connections, in a process of its own, and prints how long each took from
 * the moment it was due: a server that stalls is charged for all that waited. Takes its task as JSON.
 */
import { connect, type Socket } from 'node:net'
import { percentile } from './percentile.ts'

export interface LoadTask {
  readonly port: number
  /** Requests are sent to these in turn, each with its entity tag. */
  readonly entities: readonly { readonly path: string; readonly etag: string }[]
  readonly perSecond: number
  readonly seconds: number
}

export interface LoadFigures {
  readonly requests: number
  /** Answers with another status than 304. */
  readonly others: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const connections = 50
const tickMs = 2
/** Requests that may wait for a connection: two seconds of a server that stands still. */
const waitingMax = 10_000

class Load {
  readonly #task: LoadTask
  readonly #idle: Socket[] = []
  /** When each was due. */
  readonly #waiting: number[] = []
  readonly #times: number[] = []
  #sent = 0
  #others = 0

  constructor(task: LoadTask) {
    this.#task = task
  }

  async run(): Promise<LoadFigures> {
    const { perSecond, seconds } = this.#task
    const sockets = await Promise.all(Array.from({ length: connections }, () => this.#connect()))
    const total = perSecond * seconds
    const start = performance.now()
    let due = 0
    while (this.#times.length < total) {
      await new Promise((resolve) => setTimeout(resolve, tickMs))
      const elapsed = performance.now() - start
      for (; due < total && (due * 1000) / perSecond <= elapsed; due++)
        this.#waiting.push(start + (due * 1000) / perSecond)
      if (this.#waiting.length > waitingMax) throw new Error(`The server is behind by ${this.#waiting.length} requests`)
      this.#send()
    }
    for (const socket of sockets) socket.destroy()
    return this.#figures()
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const socket = this.#idle.pop()!
      const due = this.#waiting.shift()!
      const { path, etag } = this.#task.entities[this.#sent++ % this.#task.entities.length]!
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nif-none-match: ${etag}\r\n\r\n`)
      socket.once('data', (answer: Buffer) => {
        // A 304 is one short piece without a body.
        if (!answer.subarray(0, 12).equals(notModified)) this.#others++
        this.#times.push(performance.now() - due)
        this.#idle.push(socket)
        this.#send()
      })
    }
  }

  async #connect(): Promise<Socket> {
    const socket = connect(this.#task.port, '127.0.0.1').setNoDelay(true)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    socket.on('error', (error) => {
      throw error
    })
    this.#idle.push(socket)
    return socket
  }

  #figures(): LoadFigures {
    const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((share) => percentile(this.#times, share)) as [
      number,
      number,
      number,
    ]
    return { requests: this.#times.length, others: this.#others, p50Ms, p99Ms, maxMs }
  }
}

const notModified = Buffer.from('HTTP/1.1 304')

if (process.argv[2] !== undefined) {
  const figures = await new Load(JSON.parse(process.argv[2]) as LoadTask).run()
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}
