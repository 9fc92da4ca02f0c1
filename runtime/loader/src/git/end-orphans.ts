import { readdir, readFile, readlink, realpath } from 'node:fs/promises'

/** A killed process is gone in milliseconds, unless the machine is busy. */
const waitMsMax = 10_000
const pollMs = 20

/**
 * Ends the git commands that work in a folder, where the system lists processes in `/proc`. Git goes on when the process
 * that started it is killed, and would work on the clone together with the next one's commands.
 */
export async function endOrphans(folder: string): Promise<void> {
  const real = await realpath(folder)
  const end = performance.now() + waitMsMax
  for (let found = await commandsIn(real); found.length > 0; found = await commandsIn(real)) {
    if (performance.now() > end) return
    for (const pid of found) kill(pid)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

async function commandsIn(folder: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      if (!/^\d+$/.test(name)) return []
      const place = await readlink(`/proc/${name}/cwd`).catch(() => '')
      if (place !== folder && !place.startsWith(`${folder}/`)) return []
      const command = await readFile(`/proc/${name}/comm`, 'utf8').catch(() => '')
      return /^(?:git|ssh)\b/.test(command) ? [Number(name)] : []
    }),
  )
  return found.flat()
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
