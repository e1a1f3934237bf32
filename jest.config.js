/** Jest strips the types itself where no transform claims a file, so none does. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/tests/**/*.test.ts', '<rootDir>/clients/**/*.test.ts'],
  globalSetup: '<rootDir>/tests/support/shared/setup.ts',
  globalTeardown: '<rootDir>/tests/support/shared/teardown.ts',
  testSequencer: '<rootDir>/tests/support/sequencer.ts',
  // Nothing is timed by a test; this only ends one that hangs, also on a machine that is busy with other things.
  testTimeout: 180_000,
  modulePathIgnorePatterns: [
    '<rootDir>/.portico',
    '<rootDir>/dist',
    '<rootDir>/clients/typescript/dist',
    '<rootDir>/contract-tests/dist',
  ],
};
