import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, ServerProcess, until } from './process.ts'

const run = promisify(execFile)

/** A real PostgreSQL with nothing in it. */
export class PostgreSql {
  readonly #command: readonly string[]
  readonly #binaries: string
  readonly #port: number
  #process: ServerProcess

  private constructor(command: readonly string[], binaries: string, port: number) {
    this.#command = command
    this.#binaries = binaries
    this.#port = port
    this.#process = this.#start()
  }

  /** `path`: the server's program; `dir`: an empty folder for its data. */
  static async start({ path, dir }: { readonly path: string; readonly dir: string }): Promise<PostgreSql> {
    const [binaries, data, port] = [dirname(path), join(dir, 'data'), await freePort()]
    // It refuses to run as root: what Debian's package made for it takes over.
    const asUser = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []
    if (asUser.length > 0) chmodSync(dir, 0o1777)
    const [program, ...rest] = [
      ...asUser,
      join(binaries, 'initdb'),
      '-D',
      data,
      '-U',
      'ingot',
      '-A',
      'trust',
      '--no-sync',
    ]
    await run(program!, [...rest, '--encoding=UTF8', '--locale=C.UTF-8'])
    const command = [...asUser, path, '-D', data, '-k', data, '-h', '127.0.0.1', '-p', `${port}`, '-F']
    const postgres = new PostgreSql(command, binaries, port)
    await postgres.#untilAnswers()
    return postgres
  }

  /** Starts again, on the same port, what was stopped. */
  async restart(): Promise<void> {
    this.#process = this.#start()
    await this.#untilAnswers()
  }

  #start(): ServerProcess {
    const [program, ...args] = this.#command
    return new ServerProcess(program!, args)
  }

  async #untilAnswers(): Promise<void> {
    await until(() => this.#answers(), `PostgreSQL to answer; output so far:\n${this.#process.output}`)
  }

  /** The URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`
    await run(join(this.#binaries, 'createdb'), ['-h', '127.0.0.1', '-p', `${this.#port}`, '-U', 'ingot', name])
    return `postgres://ingot@127.0.0.1:${this.#port}/${name}`
  }

  async #answers(): Promise<boolean> {
    if (!this.#process.running) throw new Error(`PostgreSQL ended before it answered:\n${this.#process.output}`)
    const ready = run(join(this.#binaries, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${this.#port}`])
    return ready.then(
      () => true,
      () => false,
    )
  }

  /** `SIGINT`: whoever is still connected is let go. */
  stop(): Promise<void> {
    return this.#process.stop('SIGINT')
  }
}
