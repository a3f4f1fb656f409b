// Scrolls the traveller so that the present step stands in its middle.
const traveller = document.querySelector(".sc-traveller");
const here = traveller?.querySelector(".sc-here");
if (here) traveller.scrollLeft = here.offsetLeft - (traveller.clientWidth - here.offsetWidth) / 2;
