/**
 * `npm start`: a local registry with a third-party module in it, and one collector that takes host metrics, a log file
 * and traces. Everything runs on loopback, keeps its files in `.data/quickstart/`, and stops on Ctrl-C.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const data = process.env['QUICKSTART_DATA'] ?? join(root, '.data', 'quickstart')
const cli = join(root, 'cli/src/main.ts')
const prometheusPath = '/usr/bin/prometheus'

/** Where the parts listen. `QUICKSTART_PORT_UI=8080` and the like choose other ports. */
const addresses = {
  ui: loopback('UI', 12345),
  registry: loopback('REGISTRY', 8900),
  sink: loopback('SINK', 9411),
  prometheus: loopback('PROMETHEUS', 9095),
  otlp: loopback('OTLP', 4318),
  otlpGrpc: loopback('OTLP_GRPC', 4317),
} as const

/** How long one part may take to come up. */
const startTimeoutMs = 60_000
const pollMs = 100

const parts: { readonly name: string; readonly child: ChildProcess }[] = []
let stopping = false

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0))

try {
  await start()
} catch (error) {
  if (!stopping) process.stderr.write(`ingot: ${(error as Error).message}\n`)
  await stop(1)
}

async function start(): Promise<void> {
  for (const address of Object.values(addresses)) await mustBeFree(address)
  mkdirSync(data, { recursive: true })
  const logFile = join(data, 'app.log')
  const config = join(data, 'config.alloy')
  writeFileSync(logFile, '', { flag: 'a' })
  copyFileSync(join(root, 'examples/quickstart/config.alloy'), config)

  say('starting a registry, and publishing in it the modules of Ingot and @acme/redact')
  const registryData = join(data, 'registry')
  run('registry', cli, ['registry', 'serve', '--data', registryData, '--listen', addresses.registry])
  await answers(`http://${addresses.registry}/.well-known/ingot.json`)
  const token = await ask(['registry', 'token', 'create', '--data', registryData, '--modules', '*', '--days', '1'])
  const registry = ['--registry', `http://${addresses.registry}`, '--token', token]
  // What an earlier start has published stays: a checkout may have changed since, and a version never does.
  await ask(['registry', 'publish-distribution', '--keep', ...registry])
  await ask(['module', 'publish', join(root, 'examples/modules/redact'), ...registry])

  say('starting the receiving ends')
  run('sink', join(root, 'test/peers/receiver-main.ts'), ['--listen', addresses.sink])
  const remoteWrite = await startMetricsSink()

  const env = {
    QUICKSTART_REGISTRY: `http://${addresses.registry}`,
    QUICKSTART_REMOTE_WRITE: remoteWrite,
    QUICKSTART_SINK: `http://${addresses.sink}`,
    QUICKSTART_LOG: logFile,
    QUICKSTART_OTLP: addresses.otlp,
    QUICKSTART_OTLP_GRPC: addresses.otlpGrpc,
  }
  say('pinning @acme/redact in ingot.lock and starting the collector')
  await ask(['module', 'add', '@acme/redact@^1.0.0', '--config', config, '--namespace', 'redact'], env)
  run(
    'collector',
    cli,
    ['run', config, `--server.http.listen-addr=${addresses.ui}`, `--storage.path=${join(data, 'storage')}`],
    env,
  )
  await answers(`http://${addresses.ui}/-/ready`)
  run('log generator', join(root, 'examples/quickstart/generate-logs.ts'), [logFile])
  run('sample application', join(root, 'test/peers/send-traces.ts'), [`http://${addresses.otlp}`])
  printWhereToLook(remoteWrite.includes(addresses.prometheus))
}

/** A real Prometheus where one is installed; otherwise the program that also takes logs and traces. */
async function startMetricsSink(): Promise<string> {
  if (!existsSync(prometheusPath)) {
    await answers(`http://${addresses.sink}/`)
    return `http://${addresses.sink}/api/v1/write`
  }
  const config = join(data, 'prometheus.yml')
  writeFileSync(config, 'global: {}\n')
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(data, 'prometheus')}`,
    `--web.listen-address=${addresses.prometheus}`,
    '--web.enable-remote-write-receiver',
    '--log.level=error',
  ]
  keep('prometheus', spawn(prometheusPath, flags, { stdio: ['ignore', 'ignore', 'inherit'], detached: true }))
  await answers(`http://${addresses.prometheus}/-/ready`)
  return `http://${addresses.prometheus}/api/v1/write`
}

function printWhereToLook(withPrometheus: boolean): void {
  const query = `http://${addresses.prometheus}/graph?g0.expr=node_load1&g0.tab=0&g0.range_input=15m`
  process.stdout.write(`
  Ingot is running.

  Collector      http://${addresses.ui}/
                 its components, the records on each edge, and redact.pii marked as sandboxed
  Registry       http://${addresses.registry}/
                 every module that Ingot comes with, and @acme/redact, which runs in the sandbox: arguments,
                 capabilities (none), versions
  What arrived   http://${addresses.sink}/
                 log lines with e-mail addresses, cards and tokens masked; traces of a made-up shop
  Metrics        ${withPrometheus ? query : `http://${addresses.sink}/`}
                 this host's metrics, scraped every 5 s and remote-written

  Configuration  ${relative(process.cwd(), join(data, 'config.alloy'))}   edit it, then: curl -X POST http://${addresses.ui}/-/reload
  Stop with Ctrl-C.

`)
}

function loopback(part: string, port: number): string {
  return `127.0.0.1:${process.env[`QUICKSTART_PORT_${part}`] ?? port}`
}

/** A part that runs until the end. When it ends by itself, everything ends. */
function run(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    cwd: data,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own: Ctrl-C reaches this program alone, which then stops the parts in order.
    detached: true,
  })
  keep(name, child)
}

function keep(name: string, child: ChildProcess): void {
  if (stopping) {
    // Ctrl-C came while the parts were being started: what would come now must not outlive the program.
    child.kill('SIGKILL')
    throw new Error('stopped')
  }
  parts.push({ name, child })
  child.on('exit', (code, signal) => {
    if (stopping) return
    process.stderr.write(`ingot: ${name} ended (${signal ?? `exit code ${code}`})\n`)
    void stop(1)
  })
}

/** Runs a command to its end and gives what it printed. */
async function ask(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`Cannot ${args.slice(0, 2).join(' ')}:\n${errors}`)
  return output.trim()
}

async function answers(url: string): Promise<void> {
  const end = Date.now() + startTimeoutMs
  while (Date.now() < end && !stopping) {
    if ((await fetch(url).catch(() => undefined))?.ok) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(stopping ? 'stopped' : `Waited ${startTimeoutMs / 1000} s in vain for ${url}`)
}

async function mustBeFree(address: string): Promise<void> {
  const [host, port] = address.split(':') as [string, string]
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(
        new Error(`Cannot start: ${address} is in use (by another quickstart? QUICKSTART_PORT_… choose other ports)`),
      ),
    )
    server.listen(Number(port), host, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}

/** Stops the parts from the sources of data to its sinks, so that what is under way still arrives. */
async function stop(exitCode: number): Promise<void> {
  if (stopping) return
  stopping = true
  say('stopping')
  for (const { child } of [...parts].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await exited
    clearTimeout(timer)
  }
  process.exitCode = exitCode
}

function say(text: string): void {
  process.stderr.write(`ingot: ${text}\n`)
}
