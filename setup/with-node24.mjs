#!/usr/bin/env node
// Installs what is missing, then runs a program of this workspace on the
// Node.js 24 that the workspace brings. Plain JavaScript that any Node.js ≥ 18
// and npm can run: it is the one file that executes before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const marker = join(root, 'node_modules', '.ingot-installed')

/** What an installation depends on: when it changes, the packages are installed anew. */
function wantedState() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function installedState() {
  return existsSync(marker) ? readFileSync(marker, 'utf8') : ''
}

function install() {
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  process.stderr.write(`ingot: installing packages with ${pnpm} (first run, or the lockfile changed)\n`)
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, npm_config_yes: 'true' } }
  const result = spawnSync('npx', ['--yes', pnpm, 'install', '--frozen-lockfile'], options)
  if (result.error || result.status !== 0) {
    process.stderr.write(
      `ingot: cannot install packages: ${result.error?.message ?? `pnpm exited with ${result.status}`}\n`,
    )
    process.exit(1)
  }
  mkdirSync(dirname(marker), { recursive: true })
  writeFileSync(marker, wantedState())
}

if (installedState() !== wantedState()) install()

const node = join(root, 'node_modules', 'node', 'bin', 'node')
const [program, ...args] = process.argv.slice(2)
// exec-like: signals of a terminal reach the child by themselves; the others are passed on.
const { spawn } = await import('node:child_process')
// Programs run from TypeScript: what was compiled is kept, so that the next start takes half the time.
const env = {
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'ingot'),
  // By default glibc spreads batches over eight arenas for each core, and keeps in each of them what one burst needed.
  MALLOC_ARENA_MAX: String(Math.max(2, cpus().length)),
  ...process.env,
}
const options = { stdio: 'inherit', env }
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, program), ...args], options)
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']) {
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
}
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal)
  process.exitCode = code ?? 1
})
