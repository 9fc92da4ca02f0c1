import { readFileSync } from 'node:fs'

export default { name: 'reader', stability: 'experimental', summary: 'Reads.', run: () => void readFileSync('/etc/passwd') }
