import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { CommandError } from '../command-error.ts'

const credential = z.object({ token: z.string(), user: z.string(), expiresAt: z.string() })
export type Credential = z.infer<typeof credential>

const credentialFile = z.object({ version: z.literal(1), origins: z.record(z.string(), credential) })

/** What `ingot module login` has got, by the origin that it is for: it is sent to no other. */
export class Credentials {
  readonly path: string

  /** `$INGOT_CREDENTIALS`, or `ingot/credentials.json` among the user's configuration. */
  constructor(path = process.env['INGOT_CREDENTIALS'] || join(configDir(), 'ingot', 'credentials.json')) {
    this.path = path
  }

  async find(url: string): Promise<Credential | undefined> {
    return (await this.#read())[originOf(url)]
  }

  async origins(): Promise<string[]> {
    return Object.keys(await this.#read())
  }

  /** Nothing: signs out. */
  async set(url: string, value: Credential | undefined): Promise<void> {
    const { [originOf(url)]: _, ...origins } = await this.#read()
    const text = `${JSON.stringify({ version: 1, origins: value ? { ...origins, [originOf(url)]: value } : origins }, null, 2)}\n`
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const temporary = `${this.path}.${process.pid}.tmp`
    await writeFile(temporary, text, { mode: 0o600, flush: true })
    await chmod(temporary, 0o600)
    await rename(temporary, this.path)
  }

  async #read(): Promise<Record<string, Credential>> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return {}
    const { mode } = await stat(this.path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CommandError(
        `Cannot use "${this.path}": found that others may read it (mode ${(mode & 0o777).toString(8)}), want 600`,
        `chmod 600 ${this.path}`,
      )
    }
    try {
      return credentialFile.parse(JSON.parse(text)).origins
    } catch {
      throw new CommandError(
        `Cannot read "${this.path}": found something else than credentials`,
        'delete it and sign in again: ingot module login',
      )
    }
  }
}

function originOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).origin
  throw new CommandError(`Cannot use the registry "${url}": want an address such as "https://registry.example.com"`)
}

function configDir(): string {
  return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
}
