/** The version of the suite, as its package.json has it. */
export const suiteVersion = '0.1.0';
