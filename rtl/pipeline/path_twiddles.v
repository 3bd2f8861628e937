// The twiddle of butterfly INDEX of a stage of at most 16 words, where it is the same in every cycle.
// Words of `TWIDDLES` in src/fft/twiddles.ts, as in every table.
`default_nettype none

module path_twiddles #(
    parameter STAGE = 3,  // 3 or 4
    parameter INDEX = 1   // 0 .. 2^(STAGE-2)-1
) (
    output wire [15:0] cosine_o,
    output wire [15:0] sine_o
);
  localparam EIGHTHS = (STAGE == 3) ? 2 * INDEX : INDEX;  // of a quarter turn, in steps of a 16th of a turn
  assign cosine_o = (EIGHTHS == 1) ? 16'd30274 : (EIGHTHS == 2) ? 16'd23170 : 16'd12540;
  assign sine_o   = (EIGHTHS == 1) ? 16'd12540 : (EIGHTHS == 2) ? 16'd23170 : 16'd30274;
endmodule

`default_nettype wire
