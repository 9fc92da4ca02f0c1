import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RegistryOptions } from '../registry.ts'

const program = fileURLToPath(new URL('serve-program.ts', import.meta.url))

/** A registry in a process of its own. It ends with the process that started it at the latest. */
export class RegistryProcess {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#child = child
  }

  static async start(storage: Omit<RegistryOptions, 'url'>): Promise<RegistryProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(storage)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [port] = (await Promise.race([once(child.stdout!, 'data'), ended(child)])) as [Buffer]
    return new RegistryProcess(`http://127.0.0.1:${port.toString().trim()}`, child)
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** As a power cut would: nothing is finished or flushed. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

async function ended(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  throw new Error(`The registry ended before it listened (${signal ?? code})`)
}
