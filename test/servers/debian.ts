import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

/** Servers and programs that tests use for real: the file that proves each is there, and the Debian package that brings it. */
export const servers = {
  prometheus: { path: '/usr/bin/prometheus', packages: ['prometheus'] },
  'prometheus-node-exporter': { path: '/usr/bin/prometheus-node-exporter', packages: ['prometheus-node-exporter'] },
  vmagent: { path: '/usr/bin/vmagent', packages: ['victoria-metrics'] },
  'syslog-ng': { path: '/usr/sbin/syslog-ng', packages: ['syslog-ng-core', 'syslog-ng-mod-http'] },
  sshd: { path: '/usr/sbin/sshd', packages: ['openssh-server', 'openssh-client'] },
  git: { path: '/usr/lib/git-core/git-http-backend', packages: ['git'] },
  nginx: { path: '/usr/sbin/nginx', packages: ['nginx-light'] },
  postgresql: { path: newestPostgreSql(), packages: ['postgresql'] },
  sumdb: {
    path: '/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go',
    packages: ['golang-go', 'golang-golang-x-mod-dev'],
  },
  chromium: { path: '/usr/bin/chromium', packages: ['chromium'] },
} as const
export type ServerName = keyof typeof servers

/** The servers that are not installed. */
export function missingServers(): readonly ServerName[] {
  return (Object.keys(servers) as ServerName[]).filter((name) => !existsSync(servers[name].path))
}

/** Installs what is missing where that is possible (as root, with apt). Packages are unpacked without starting their services. */
export function installServers(): void {
  const missing = missingServers()
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const packages = missing.flatMap((name) => servers[name].packages)
  process.stderr.write(`ingot: installing ${packages.join(', ')} for the tests\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = { env, stdio: ['ignore', 'ignore', 2] as ['ignore', 'ignore', number] }
  spawnSync('apt-get', ['update', '-qq'], options)
  const installed = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
  if (installed.status !== 0) process.stderr.write(`ingot: apt-get could not install ${packages.join(', ')}\n`)
}

/** Debian keeps each version's programs in a folder of its own. */
function newestPostgreSql(): string {
  const versions = '/usr/lib/postgresql'
  const found = existsSync(versions) ? readdirSync(versions).map(Number) : []
  return `${versions}/${Math.max(15, ...found)}/bin/postgres`
}
