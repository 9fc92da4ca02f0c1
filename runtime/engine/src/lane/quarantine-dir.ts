import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Where the batches of one component that ended its runner twice are kept. */
export function quarantineDir(storageDir: string, component: string): string {
  return join(storageDir, 'quarantine', createHash('sha256').update(component).digest('hex').slice(0, 24))
}
