const circulant = require("circulant");
const assets = require("../shared/assets.mjs");
const { runSuite } = require("../shared/suite.mjs");

runSuite(circulant, assets).then((report) => console.log(JSON.stringify(report)));
