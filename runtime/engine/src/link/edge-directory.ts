import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Queues that are looked at; each belongs to an edge of some configuration that has run here. */
const directoriesMax = 10_000
const nameOfFacts = 'edge.json'

/** Whose records wait in a queue on disk, and for whom. */
export interface EdgeFacts {
  readonly from: string
  readonly output: string
  readonly to: string
  readonly port: string
}
export interface EdgeDirectory {
  readonly directory: string
  /** `undefined`: nobody has written down what it is. */
  readonly facts: EdgeFacts | undefined
}

/** Where an edge keeps what it spills: a name that stays the same as long as both ends and the output do. */
export function edgeDirectory(storageDir: string, { from, output, to, port }: EdgeFacts): string {
  const digest = createHash('sha256').update(`${from}\0${output}\0${to}.${port}`).digest('hex').slice(0, 24)
  return join(storageDir, 'edges', digest)
}

/** Writes down what a directory is, for the day on which no sender knows it any more. */
export async function describeEdge(directory: string, facts: EdgeFacts): Promise<void> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, nameOfFacts)
  const text = `${JSON.stringify(facts)}\n`
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return
  // Other lanes may write the same.
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(draft, text)
  await rename(draft, path)
}

/** Every queue of an edge that this folder holds, whoever sends into it. */
export async function listEdges(storageDir: string): Promise<readonly EdgeDirectory[]> {
  const names = await readdir(join(storageDir, 'edges')).catch(() => [])
  return Promise.all(
    names.slice(0, directoriesMax).map(async (name) => {
      const directory = join(storageDir, 'edges', name)
      return { directory, facts: await readFacts(directory) }
    }),
  )
}

async function readFacts(directory: string): Promise<EdgeFacts | undefined> {
  try {
    const { from, output, to, port } = JSON.parse(await readFile(join(directory, nameOfFacts), 'utf8')) as EdgeFacts
    const facts = { from, output, to, port }
    return Object.values(facts).every((value) => typeof value === 'string') ? facts : undefined
  } catch {
    return undefined
  }
}
