/** Starts the page: draws what is remembered at once, then asks the host. */
import './styles/index.css';
import { App } from './app.ts';

new App(document.getElementById('app')!).start();
