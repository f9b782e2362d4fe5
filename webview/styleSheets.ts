/** Tells the compiler that a style sheet can be imported; the bundler collects them into one file. */

declare module '*.css';
