import { fileURLToPath } from 'node:url'
import { freePort, ServerProcess, until } from './process.ts'

const program = fileURLToPath(import.meta.resolve('s3rver/bin/s3rver.js'))
const bucket = 'modules'

/** The one pair of credentials that the server knows. */
export const s3Credentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const

/** A server that speaks S3, with one bucket in it. It wants its own access key, and does not verify signatures. */
export class S3Server {
  readonly process: ServerProcess
  readonly #port: number
  #prefixes = 0

  private constructor(process: ServerProcess, port: number) {
    this.process = process
    this.#port = port
  }

  /** `dir`: an empty folder for its objects. */
  static async start(dir: string): Promise<S3Server> {
    const port = await freePort()
    const args = ['--directory', dir, '--address', '127.0.0.1', '--port', `${port}`, '--configure-bucket', bucket]
    const server = new ServerProcess(process.execPath, ['--no-deprecation', program, ...args, '--silent'])
    const s3 = new S3Server(server, port)
    await until(() => s3.#answers(), `the S3 server to answer; output so far:\n${server.output}`)
    return s3
  }

  /** An `s3://` URL for what nobody has written to yet. */
  location(): string {
    const endpoint = encodeURIComponent(`http://127.0.0.1:${this.#port}`)
    return `s3://${bucket}/registry-${this.#prefixes++}?endpoint=${endpoint}&region=us-east-1`
  }

  async #answers(): Promise<boolean> {
    if (!this.process.running) throw new Error(`The S3 server ended before it answered:\n${this.process.output}`)
    return (await fetch(`http://127.0.0.1:${this.#port}/`).catch(() => undefined)) !== undefined
  }

  stop(): Promise<void> {
    return this.process.stop('SIGKILL')
  }
}
