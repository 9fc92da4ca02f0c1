import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{sdk,modules,runtime,registry-server,cli,test,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
