import { answerChecks, LocalChecker } from '@ingot/editor'
import { parentPort, workerData } from 'node:worker_threads'
import { openChecks, type ThreadOptions } from './open-checks.ts'

/** The thread in which `ingot lsp` checks configurations. */
answerChecks(
  parentPort!,
  openChecks(workerData as ThreadOptions).then(({ check }) => new LocalChecker(check)),
)
