// Words of BITS bits, two's complement, as words of 16 of the same values; of 16 bits they pass as they are.
`default_nettype none

module widen #(
    parameter WORDS = 2,
    parameter BITS = 16  // 2 .. 16
) (
    input  wire [BITS*WORDS-1:0] words_i,
    output wire [  16*WORDS-1:0] words_o
);
  genvar word;
  generate
    for (word = 0; word < WORDS; word = word + 1) begin : g_word
      assign words_o[16*word+:16] = {{(17 - BITS) {words_i[BITS*word+BITS-1]}}, words_i[BITS*word+:BITS-1]};
    end
  endgenerate
endmodule

`default_nettype wire
