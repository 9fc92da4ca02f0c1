/** For tests of registries from outside: modules to publish, and registries that can be killed. */
export { fillRegistry, type FilledModule } from './fill-registry.ts'
export { TestBrowser } from './browser.ts'
export { publishTo } from './publish-to.ts'
export { RegistryProcess } from './registry-process.ts'
export { testModule, type TestModule } from './test-module.ts'
export { operatorToken, signIn } from './sign-in.ts'
export { totpCode } from '../accounts/totp.ts'
