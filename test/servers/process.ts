import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** What of a program's output is kept for the error that tells why it did not start. */
const outputCharactersMax = 64_000
const startTimeoutMs = 60_000
const pollMs = 50

/** A test that fails does not come to stop what it started: nothing may outlive its process. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A program that a test runs for real, and its output. */
export class ServerProcess {
  readonly child: ChildProcess
  output = ''

  constructor(
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ) {
    this.child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this.child)
    this.child.once('exit', () => running.delete(this.child))
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-outputCharactersMax)
    }
    this.child.stdout!.on('data', keep)
    this.child.stderr!.on('data', keep)
  }

  get pid(): number {
    return this.child.pid!
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Waits until `url` answers with a status below 400. */
  async untilAnswers(url: string): Promise<void> {
    await until(async () => {
      if (!this.running) throw new Error(`The program ended before it answered at ${url}:\n${this.output}`)
      return (await fetch(url).catch(() => undefined))?.ok === true
    }, `${url} to answer; output so far:\n${this.output}`)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    await exited
  }
}

/** Polls until `condition` holds. @throws after the bound, saying what was waited for. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = startTimeoutMs,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
