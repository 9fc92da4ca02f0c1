import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Input } from './inputs.ts'

/** Inputs that something was found with, as JSON: texts of half characters and bytes that are no text are among them. */
const folder = join(import.meta.dirname, '../testdata')

interface Seed {
  readonly text?: string
  readonly base64?: string
}

export function readSeeds(): readonly (readonly [name: string, input: Input])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      const { text, base64 } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Seed
      return [name, text ?? Buffer.from(base64!, 'base64')]
    })
}

/** @returns the path of the file */
export function keepSeed(input: Input): string {
  const seed: Seed = typeof input === 'string' ? { text: input } : { base64: Buffer.from(input).toString('base64') }
  const json = JSON.stringify(seed)
  const path = join(folder, `${createHash('sha256').update(json).digest('hex').slice(0, 12)}.json`)
  writeFileSync(path, `${json}\n`)
  return path
}
