import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeUtf8 } from '@ingot/telemetry'
import { fakeEnv, runComponent, testComponent, until } from '@ingot/testing'
import { describe, expect, test } from 'vitest'
import exporter from './component.ts'

const proc = join(import.meta.dirname, 'testdata/proc')

function files(): Record<string, string> {
  const names = readdirSync(proc, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    names.map((entry) => [
      join('/proc', entry.parentPath.slice(proc.length), entry.name),
      readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    ]),
  )
}

async function scrape(args: object, more: Record<string, string> = {}): Promise<string> {
  const env = fakeEnv({
    files: { ...files(), '/': '', '/sys/class/net/eth0/statistics/rx_nohandler': '3\n', ...more },
    hostname: 'h',
  })
  const run = await runComponent(exporter, { args, env })
  expect(run.exports['targets']).toMatchObject([
    { __metrics_path__: '/api/v0/component/test/metrics', instance: 'h', job: 'integrations/unix' },
  ])
  const { body } = await env.server.requestMounted('metrics')
  await run.stop()
  return decodeUtf8(body as Uint8Array)
}
const samplesOf = (text: string, prefix: string) => text.split('\n').filter((line) => line.startsWith(prefix))

testComponent(exporter, { args: { set_collectors: ['loadavg'] }, env: () => fakeEnv({ files: files() }) }, { test })

describe('prometheus.exporter.unix', () => {
  test('writes the figures of procfs with the names of node_exporter', async () => {
    const text = await scrape(
      { disable_collectors: ['filesystem'], disk: { device_exclude: '^(loop|sd[a-z])\\d+$' } },
      { '/run/udev/data/b254:0': 'E:ID_MODEL=Virtual\nE:ID_SERIAL_SHORT=s1\n' },
    )
    await expect(text).toMatchFileSnapshot('testdata/metrics.txt')
  })

  test('shows guests, information, flags and bugs of CPUs where asked to', async () => {
    const text = await scrape({
      set_collectors: ['cpu'],
      cpu: { guest: true, info: true, flags_include: '^avx', bugs_include: 'v2$' },
    })
    expect(samplesOf(text, 'node_cpu_guest')).toContain('node_cpu_guest_seconds_total{cpu="0",mode="user"} 0.2')
    expect(samplesOf(text, 'node_cpu_info')).toEqual([
      'node_cpu_info{cachesize="1024 KB",core="0",cpu="0",family="25",microcode="0x1000065",model="17",model_name="AMD EPYC",package="0",stepping="1",vendor="AuthenticAMD"} 1',
    ])
    expect(samplesOf(text, 'node_cpu_flag_info')).toEqual([
      'node_cpu_flag_info{flag="avx"} 1',
      'node_cpu_flag_info{flag="avx2"} 1',
    ])
    expect(samplesOf(text, 'node_cpu_bug_info')).toEqual(['node_cpu_bug_info{bug="spectre_v2"} 1'])
  })

  test('leaves devices and mounts out by their patterns', async () => {
    const text = await scrape({ set_collectors: ['netdev', 'filesystem'], netdev: { device_include: '^eth' } })
    expect(samplesOf(text, 'node_network_receive_bytes')).toEqual([
      'node_network_receive_bytes_total{device="eth0"} 928944578',
    ])
    expect(samplesOf(text, 'node_filesystem_readonly')).toEqual([
      'node_filesystem_readonly{device="/dev/vda",fstype="ext4",mountpoint="/"} 0',
      'node_filesystem_readonly{device="/dev/vdb",fstype="xfs",mountpoint="/data of mine"} 1',
      'node_filesystem_readonly{device="/dev/vdc",fstype="ext4",mountpoint="/gone"} 0',
    ])
  })

  test('goes on when a collector fails', async () => {
    const text = await scrape({ set_collectors: ['loadavg', 'stat'] }, { '/proc/loadavg': 'nonsense' })
    expect(samplesOf(text, 'node_scrape_collector_success')).toEqual([
      'node_scrape_collector_success{collector="loadavg"} 0',
      'node_scrape_collector_success{collector="stat"} 1',
    ])
    expect(text).toContain('node_forks_total 44641')
  })

  test.each([
    [{ enable_collectors: ['systemd'] }, 'is not supported by Ingot: want \\"cpu'],
    [{ systemd: { enable_restarts: true } }, 'enable_restarts'],
    [{ include_exporter_metrics: true }, 'include_exporter_metrics'],
    [{ netdev: { device_include: 'a', device_exclude: 'b' } }, 'at most one of'],
    [{ disk: { device_exclude: '(?=x)' } }, 'lookahead'],
  ])('refuses %j', async (args, message) => {
    await expect(runComponent(exporter, { args })).rejects.toThrow(message)
  })

  test('takes blocks of other collectors that change nothing', async () => {
    const run = await runComponent(exporter, {
      args: { disable_collectors: ['ipvs', 'btrfs'], netclass: { ignored_devices: '^$' } },
    })
    await run.stop()
  })
})

const nodeExporter = '/usr/bin/prometheus-node-exporter'

test.skipIf(!existsSync(nodeExporter))(
  'prometheus.exporter.unix gives what node_exporter gives for the same procfs',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unix-'))
    cpSync(proc, folder, { recursive: true })
    const port = await freePort()
    const wanted = ['cpu', 'diskstats', 'loadavg', 'meminfo', 'stat', 'uname']
    const child = spawn(
      nodeExporter,
      [
        `--web.listen-address=127.0.0.1:${port}`,
        `--path.procfs=${folder}`,
        '--path.udev.data=/nowhere',
        '--collector.disable-defaults',
        ...wanted.map((name) => `--collector.${name}`),
      ],
      { stdio: 'ignore' },
    )
    try {
      let theirs = ''
      await until(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
        theirs = (await response?.text()) ?? ''
        return theirs !== ''
      }, 'node_exporter')
      const env = fakeEnv({ realFiles: true, hostname: 'h' })
      const run = await runComponent(exporter, {
        args: { set_collectors: wanted, procfs_path: folder, udev_data_path: '/nowhere', cpu: { guest: true } },
        env,
      })
      const ours = decodeUtf8((await env.server.requestMounted('metrics')).body as Uint8Array)
      await run.stop()
      expect(comparable(ours)).toEqual(comparable(theirs))
    } finally {
      child.kill()
      rmSync(folder, { recursive: true })
    }
  },
)

/** Samples and types by name, numbers as numbers. What differs from run to run, and from host to host, is left out. */
function comparable(text: string): Record<string, number | string> {
  const lines = text
    .split('\n')
    .filter(
      (line) =>
        /^(# TYPE )?node_/.test(line) && !/node_(exporter_build_info|scrape_collector_duration|uname_info)/.test(line),
    )
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      const value = line.slice(at + 1)
      return [line.slice(0, at), Number.isNaN(Number(value)) ? value : Number(Number(value).toPrecision(12))]
    }),
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
