/** Show the REST documentation of the service that served this page. */

import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";

const place = document.getElementById("documentation")!;

document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);

SwaggerUI({
  domNode: place,
  url: place.dataset.openapi!,
  // The validator is a service elsewhere.
  validatorUrl: null,
});
