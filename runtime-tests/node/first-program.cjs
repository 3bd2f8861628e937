const assets = require("../shared/assets.mjs");
const { timeFirst } = require("../shared/suite.mjs");

timeFirst(() => require("circulant"), assets).then((first) => console.log(JSON.stringify(first)));
