import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromRunner, headerBytes, toRunner } from '../protocol/frame.ts'

/** Puts a runner's program that was taken over into a folder, with the protocol's numbers as they are. @returns its path */
export async function writeCompromisedRunner(dir: string): Promise<string> {
  const source = await fs.readFile(fileURLToPath(new URL('compromised-runner.cjs', import.meta.url)), 'utf8')
  const protocol = JSON.stringify({ to: toRunner, from: fromRunner, headerBytes })
  const main = path.join(dir, 'runner.cjs')
  await fs.writeFile(main, `'use strict'\nglobalThis.protocol = ${protocol}\n${source}`)
  return main
}
