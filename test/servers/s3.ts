import { fileURLToPath } from 'node:url'
import { freePort, ServerProcess, until } from './process.ts'

const program = fileURLToPath(import.meta.resolve('s3rver/bin/s3rver.js'))
const bucket = 'modules'

/** The one pair of credentials that the server knows. */
export const s3Credentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const

/** A server that speaks S3, with one bucket in it. It wants its own access key, and does not verify signatures. */
export class S3Server {
  readonly #args: readonly string[]
  readonly #port: number
  #process: ServerProcess
  #prefixes = 0

  private constructor(args: readonly string[], port: number) {
    this.#args = args
    this.#port = port
    this.#process = new ServerProcess(process.execPath, args)
  }

  /** `dir`: an empty folder for its objects. */
  static async start(dir: string): Promise<S3Server> {
    const port = await freePort()
    const args = [
      '--no-deprecation',
      program,
      '--silent',
      '--directory',
      dir,
      '--address',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--configure-bucket',
      bucket,
    ]
    const s3 = new S3Server(args, port)
    await s3.#untilAnswers()
    return s3
  }

  /** Starts again, on the same port, what was stopped. */
  async restart(): Promise<void> {
    this.#process = new ServerProcess(process.execPath, this.#args)
    await this.#untilAnswers()
  }

  async #untilAnswers(): Promise<void> {
    await until(() => this.#answers(), `the S3 server to answer; output so far:\n${this.#process.output}`)
  }

  /** An `s3://` URL for what nobody has written to yet. */
  location(): string {
    const endpoint = encodeURIComponent(`http://127.0.0.1:${this.#port}`)
    return `s3://${bucket}/registry-${this.#prefixes++}?endpoint=${endpoint}&region=us-east-1`
  }

  async #answers(): Promise<boolean> {
    if (!this.#process.running) throw new Error(`The S3 server ended before it answered:\n${this.#process.output}`)
    return (await fetch(`http://127.0.0.1:${this.#port}/`).catch(() => undefined)) !== undefined
  }

  stop(): Promise<void> {
    return this.#process.stop('SIGKILL')
  }
}
