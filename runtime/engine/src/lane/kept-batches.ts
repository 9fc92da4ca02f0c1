import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Where the batches of one component that ended its runner twice are kept. */
export function quarantineDir(storageDir: string, component: string): string {
  return join(storageDir, 'quarantine', folderOf(component))
}

/** Where samples of the batches of one component are kept that it failed with. */
export function deadLetterDir(storageDir: string, component: string): string {
  return join(storageDir, 'dead-letter', folderOf(component))
}

function folderOf(component: string): string {
  return createHash('sha256').update(component).digest('hex').slice(0, 24)
}
