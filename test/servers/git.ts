import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, ServerProcess, until } from './process.ts'

const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' }
const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']

/** A repository that a test commits to. */
export class GitOrigin {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** With one commit on `main`, where files are given. */
  static make(files: Readonly<Record<string, string>> = {}): GitOrigin {
    const folder = mkdtempSync(join(tmpdir(), 'ingot-origin-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const origin = new GitOrigin(join(folder, 'config.git'))
    mkdirSync(origin.path)
    origin.git('init', '--quiet', '--initial-branch=main')
    if (Object.keys(files).length > 0) origin.commit(files)
    return origin
  }

  /** Adds to what is there. @returns the commit */
  commit(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true })
      writeFileSync(join(this.path, name), text)
    }
    return this.commitAll()
  }

  link(name: string, target: string): void {
    symlinkSync(target, join(this.path, name))
  }

  commitAll(): string {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message=change')
    return this.git('rev-parse', 'HEAD')
  }

  git(...args: readonly string[]): string {
    const options = {
      cwd: this.path,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    }
    return execFileSync('git', [...author, ...args], options)
      .toString()
      .trim()
  }
}

export interface GitHttpServer {
  /** Of the repository. */
  readonly url: string
  readonly port: number
  /** Authorization headers that requests came with. */
  readonly authorizations: (string | undefined)[]
  stop(): Promise<void>
}

/** Serves a repository as web servers do: `git http-backend` behind HTTP, with basic authentication where it is asked for. */
export async function serveGitOverHttp(
  origin: GitOrigin,
  options: { readonly user?: string; readonly port?: number; readonly redirectTo?: string } = {},
): Promise<GitHttpServer> {
  const authorizations: (string | undefined)[] = []
  const wanted = options.user === undefined ? undefined : `Basic ${Buffer.from(options.user).toString('base64')}`
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    if (options.redirectTo !== undefined) {
      response.writeHead(302, { location: options.redirectTo + request.url! }).end()
    } else if (wanted !== undefined && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    } else answerByBackend(origin, request, response)
  })
  const port = await listen(server, options.port)
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    if (server.listening) await new Promise((closed) => server.close(closed))
  }
  onTestFinished(stop)
  return { url: `http://127.0.0.1:${port}/${basename(origin.path)}`, port, authorizations, stop }
}

/** One request as a CGI program's. */
function answerByBackend(origin: GitOrigin, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = request.url!.split('?')
  const backend = spawn('/usr/lib/git-core/git-http-backend', {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: dirname(origin.path),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: (request.headers['git-protocol'] as string | undefined) ?? '',
    },
  })
  request.pipe(backend.stdin)
  backend.stdin.on('error', () => undefined)
  const pieces: Buffer[] = []
  backend.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  backend.once('close', () => {
    const output = Buffer.concat(pieces)
    const end = output.indexOf('\r\n\r\n')
    const headers = output.subarray(0, end).toString().split('\r\n')
    const entries = headers.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
    const { Status: status = '200', ...rest } = Object.fromEntries(entries) as Record<string, string>
    response.writeHead(Number.parseInt(status, 10), rest).end(output.subarray(end + 4))
  })
}

/** @returns the port */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export interface GitSshServer {
  readonly url: string
  readonly user: string
  /** Private key that may log in, and its text. */
  readonly keyFile: string
  readonly key: string
  /** The server's own key as a file of known hosts. */
  readonly knownHosts: string
  readonly server: ServerProcess
}

/** Serves a repository with a real sshd on loopback, which knows one key and nobody else's settings. */
export async function serveGitOverSsh(sshd: string, origin: GitOrigin, passphrase = ''): Promise<GitSshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-sshd-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const key = (name: string, secret: string): string => {
    const path = join(folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', secret, '-C', name, '-f', path])
    return path
  }
  const hostKey = key('host', '')
  const keyFile = key('user', passphrase)
  const port = await freePort()
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, readFileSync(`${keyFile}.pub`))
  chmodSync(authorized, 0o600)
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    `PidFile ${join(folder, 'pid')}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`)
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const server = new ServerProcess(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')])
  onTestFinished(() => server.stop())
  await until(() => /Server listening/.test(server.output) || !server.running, 'sshd to listen')
  const knownHosts = join(folder, 'known_hosts')
  const [kind, text] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${kind} ${text}\n`)
  const user = userInfo().username
  const url = `ssh://127.0.0.1:${port}${origin.path}`
  return { url, user, keyFile, key: readFileSync(keyFile, 'utf8'), knownHosts, server }
}
