import { deepEqual } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { bruteForce, randomGraph, resolved } from './resolver-graphs.ts'

export interface ResolverProof {
  readonly graphs: number
  readonly seed: number
}

/** Compares the resolver with brute force on random graphs, and with itself. @throws AssertionError naming the graph. */
export async function proveResolver({ graphs, seed }: ResolverProof): Promise<{ answered: number; refused: number }> {
  let answered = 0
  for (let number = 0; number < graphs; number++) {
    const graph = randomGraph(numbersOf(seed + number))
    const answer = await resolved(graph)
    deepEqual(answer, bruteForce(graph), `graph ${seed + number}`)
    deepEqual(await resolved(graph), answer, `graph ${seed + number}, again`)
    if (answer) answered++
  }
  return { answered, refused: graphs - answered }
}

/** Numbers from 0 up to 1, the same for the same seed everywhere. */
function numbersOf(seed: number): () => number {
  let count = 0
  return () => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32LE() / 2 ** 32
}
