/** Jest strips the types itself where no transform claims a file, so none does. */
export default {
  testEnvironment: 'node',
  // Tests start processes, and machines are busy.
  testTimeout: 30_000,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/contract-tests/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};
