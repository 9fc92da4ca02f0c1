/**
 * The registry: takes modules from those who may publish, keeps their bytes as they came, signs what it states about
 * them, and shows them to people. It runs no code of a module and unpacks none to disk.
 */
export { createSetupLink, createUser, type UserOptions } from './accounts/create-user.ts'
export type { TokenPermission } from './access/actions.ts'
export { createToken, type TokenOptions } from './access/create-token.ts'
export { knownIssuers } from './oidc/issuers.ts'
export { openRegistry, openStorage, type Registry, type RegistryOptions, type StorageOptions } from './registry.ts'
export {
  installRoot,
  newestRoot,
  proposeChange,
  signProposal,
  type KeyChange,
  type ProposedRoot,
} from './keys/change-keys.ts'
export { backupRegistry } from './backup/backup-registry.ts'
export { exportRegistry } from './export/export-registry.ts'
export { importRegistry } from './mirror/import-registry.ts'
export { checkRegistry } from './backup/check-registry.ts'
export { restoreRegistry } from './backup/restore-registry.ts'
export type { LogLeaf } from './log/module-state.ts'
export { projectIndex } from './log/project-index.ts'
export { readIssuers } from './oidc/read-issuers.ts'
export { createServer, type ServerOptions } from './server.ts'
