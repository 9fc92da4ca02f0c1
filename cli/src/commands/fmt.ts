import { decodeSource, parse, print, renderDiagnostics } from '@ingot/syntax'
import type { Command } from 'commander'
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

/** `ingot fmt <file>`: the canonical form on standard output, into the file, or only whether it differs. */
export function register(program: Command): void {
  program
    .command('fmt')
    .description('formats a configuration file; "-" reads standard input')
    .argument('<file>')
    .option('-w, --write', 'write the result into the file')
    .option('-t, --test', 'only tell by the exit code whether the file is formatted')
    .action(format)
}

async function format(path: string, flags: { readonly write?: boolean; readonly test?: boolean }): Promise<void> {
  const name = path === '-' ? '<stdin>' : path
  const source = decodeSource(name, path === '-' ? await buffer(process.stdin) : await readFile(path))
  const { file, diagnostics } = parse(name, source.text)
  const found = [...source.diagnostics, ...diagnostics]
  if (found.some(({ severity }) => severity === 'error')) {
    process.stderr.write(renderDiagnostics(found, new Map([[name, source.text]]), { color: process.stderr.isTTY }))
    process.exitCode = 1
    return
  }
  const text = print(file)
  if (flags.test) process.exitCode = text === source.text ? 0 : 1
  else if (flags.write && path !== '-') await (text === source.text ? undefined : writeFile(path, text))
  else process.stdout.write(text)
}
