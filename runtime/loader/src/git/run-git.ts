import { spawn } from 'node:child_process'
import { LoaderError, type LoaderErrorCode } from '../loader-error.ts'
import type { GitScheme } from './repository-address.ts'

/** What a command prints is names and hashes: more is a repository that wants to fill the memory. */
const outputBytesMax = 64 * 2 ** 20
/** The end of what git says of a failure. */
const complaintBytesMax = 8192
const complaintCharactersMax = 400

export interface GitRun {
  readonly cwd: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** The one transport that the command may use; none where it needs none. */
  readonly scheme?: GitScheme
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Asked now and then while the command runs: a text ends it, and is why. */
  readonly watch?: () => Promise<string | undefined>
  /** Texts that no message may hold. */
  readonly secrets?: readonly string[]
}

/** Variables of the collector that git and what it starts may see: how to reach servers, and nothing of the user's settings. */
const passedVariables = [
  'PATH',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
]

/**
 * Settings of every command, which nothing else can override. A repository brings no program to run: no hooks, no
 * file system monitor, no filters (those are named in settings), no links in its files, no submodules.
 */
const settings: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.symlinks': 'false',
  'core.autocrlf': 'false',
  // Larger objects are streamed rather than held in memory.
  'core.bigFileThreshold': '8m',
  'fetch.unpackLimit': '1',
  'fetch.fsckObjects': 'true',
  'gc.autoDetach': 'false',
  'maintenance.autoDetach': 'false',
  'submodule.recurse': 'false',
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '60',
  'advice.detachedHead': 'false',
  'init.defaultBranch': 'main',
}

const watchMs = 500

/** Runs `git` without a shell and without anybody's settings; what it prints. @throws LoaderError with what it complained of. */
export async function runGit(args: readonly string[], run: GitRun): Promise<Buffer> {
  run.signal?.throwIfAborted()
  const child = spawn('git', args, { cwd: run.cwd, env: environment(run), stdio: 'pipe', detached: true })
  const output = new Output()
  let ended: LoaderError | undefined
  const end = (code: LoaderErrorCode, message: string): void => {
    ended ??= new LoaderError({ code, message })
    kill(child.pid)
  }
  const timer = setTimeout(
    () => end('git-failed', `git ${args[0]} took longer than ${run.timeoutMs / 1000} s`),
    run.timeoutMs,
  )
  const onAbort = (): void => end('git-failed', `git ${args[0]} was given up`)
  run.signal?.addEventListener('abort', onAbort, { once: true })
  const watching = setInterval(() => {
    void run.watch?.().then((why) => why !== undefined && end('git-too-large', why))
  }, watchMs)
  child.stdin.on('error', () => undefined)
  child.stdin.end(run.input)
  child.stdout.on('data', (piece: Buffer) => {
    if (!output.take(piece)) end('git-too-large', `git ${args[0]} printed more than ${outputBytesMax} bytes`)
  })
  child.stderr.on('data', (piece: Buffer) => output.complain(piece))
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missing() : error))
      child.once('close', resolve)
    })
    if (ended) throw ended
    if (status !== 0) throw new LoaderError({ code: 'git-failed', message: output.complaint(run.secrets ?? []) })
    return output.bytes
  } finally {
    clearTimeout(timer)
    clearInterval(watching)
    run.signal?.removeEventListener('abort', onAbort)
  }
}

/** Git's helpers, which carry the connection, are in its process group. */
function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function environment({ scheme, env }: GitRun): NodeJS.ProcessEnv {
  const passed = passedVariables.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  const entries = Object.entries(settings)
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    // Nothing is read from there: neither the user's settings and passwords nor files of that name in a repository.
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: scheme === 'http' || scheme === 'https' ? 'https:http' : (scheme ?? 'none'),
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    ...env,
  }
}

function missing(): LoaderError {
  return new LoaderError({
    code: 'git-missing',
    message: 'the program "git" is not installed, or not in PATH',
    hint: 'install git: imports from git repositories need it',
  })
}

class Output {
  readonly #pieces: Buffer[] = []
  #length = 0
  #complaint = ''

  /** False when there is too much. */
  take(piece: Buffer): boolean {
    this.#length += piece.length
    if (this.#length <= outputBytesMax) this.#pieces.push(piece)
    return this.#length <= outputBytesMax
  }

  complain(piece: Buffer): void {
    this.#complaint = (this.#complaint + piece.toString()).slice(-complaintBytesMax)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  /** What git gives as the reason, on one line: servers write there too, whatever they like. */
  complaint(secrets: readonly string[]): string {
    const lines = this.#complaint.split(/[\r\n]+/).filter((line) => line.trim() !== '')
    const reasons = lines.filter((line) => /^(?:fatal|error|ssh|remote|.*denied|.*verification failed)\b/i.test(line))
    const told = new Set(reasons.length > 0 ? reasons : lines)
    let text = [...told].join('; ').replaceAll(/\p{Cc}/gu, ' ')
    for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '(secret)')
    return text.slice(0, complaintCharactersMax) || 'git failed without a reason'
  }
}
