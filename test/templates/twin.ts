/** The app with every construct and other props than the default ones, which all languages have. */
import '../packaging/typescript/app';
