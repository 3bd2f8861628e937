// Words in 2^LOG2_WORDS banks: in a cycle the words base + i 2^stride, i = 0 .. 2^LOG2_WORDS - 1, are read and as many
// written, wherever the base has zeros in the bits that i takes. Of fewer than all words, i < 2^n, only those n bits count.
// A word's bank is the exclusive or of its address's digits of LOG2_WORDS bits, so that the words of any such row lie in
// different banks. Words read stand two cycles later; words written can be read in the second cycle after.
`default_nettype none

module banked_memory #(
    parameter LOG2_WORDS = 3,
    parameter ADDRESS_WIDTH = 12
) (
    input  wire                          clk,
    input  wire [     ADDRESS_WIDTH-1:0] read_base_i,
    input  wire [                   3:0] read_stride_i,  // log2
    output wire [(16<<LOG2_WORDS)-1:0]   data_o,
    input  wire [   (1<<LOG2_WORDS)-1:0] write_i,
    input  wire [     ADDRESS_WIDTH-1:0] write_base_i,
    input  wire [                   3:0] write_stride_i,
    input  wire [(16<<LOG2_WORDS)-1:0]   data_i
);
  localparam WORDS = 1 << LOG2_WORDS;
  localparam ROW_WIDTH = ADDRESS_WIDTH - LOG2_WORDS;
  localparam WIDE = ADDRESS_WIDTH + 11;
  localparam [31:0] DIGIT = LOG2_WORDS;

  // The exclusive or of an address's digits.
  function [LOG2_WORDS-1:0] fold(input [ADDRESS_WIDTH-1:0] address);
    integer place;
    begin
      fold = {LOG2_WORDS{1'b0}};
      for (place = 0; place < ADDRESS_WIDTH; place = place + 1) begin
        fold[place%LOG2_WORDS] = fold[place%LOG2_WORDS] ^ address[place];
      end
    end
  endfunction

  function [LOG2_WORDS-1:0] turned_left(input [LOG2_WORDS-1:0] number, input [3:0] places);
    turned_left = (number << places) | (number >> (DIGIT[3:0] - places));
  endfunction

  function [LOG2_WORDS-1:0] turned_right(input [LOG2_WORDS-1:0] number, input [3:0] places);
    turned_right = (number >> places) | (number << (DIGIT[3:0] - places));
  endfunction

  // A stride modulo the bits of a digit, by subtraction.
  function [3:0] rest(input [3:0] stride);
    integer step;
    begin
      rest = stride;
      for (step = 0; step < 6; step = step + 1) begin
        if (rest >= DIGIT[3:0]) rest = rest - DIGIT[3:0];
      end
    end
  endfunction

  wire [3:0] read_turn = rest(read_stride_i);
  wire [3:0] write_turn = rest(write_stride_i);
  wire [LOG2_WORDS-1:0] read_fold = fold(read_base_i);
  wire [LOG2_WORDS-1:0] write_fold = fold(write_base_i);

  wire [16*WORDS-1:0] words;
  genvar bank, word;
  generate
    for (bank = 0; bank < WORDS; bank = bank + 1) begin : g_bank
      localparam [LOG2_WORDS-1:0] BANK = bank;
      wire [LOG2_WORDS-1:0] read_word = turned_right(BANK ^ read_fold, read_turn);
      wire [LOG2_WORDS-1:0] write_word = turned_right(BANK ^ write_fold, write_turn);
      wire [WIDE-1:0] read_step = {{(WIDE - LOG2_WORDS) {1'b0}}, read_word} << read_stride_i;
      wire [WIDE-1:0] write_step = {{(WIDE - LOG2_WORDS) {1'b0}}, write_word} << write_stride_i;
      wire [ADDRESS_WIDTH-1:0] read_address = read_base_i | read_step[ADDRESS_WIDTH-1:0];
      wire [ADDRESS_WIDTH-1:0] write_address = write_base_i | write_step[ADDRESS_WIDTH-1:0];

      reg write_q;
      reg [ROW_WIDTH-1:0] write_row_q;
      reg [15:0] data_q;
      always @(posedge clk) begin
        write_q <= write_i[write_word];
        write_row_q <= write_address[ADDRESS_WIDTH-1:LOG2_WORDS];
        data_q <= data_i[16*write_word+:16];
      end
      memory #(
          .WIDTH(16),
          .ADDRESS_WIDTH(ROW_WIDTH)
      ) u_bank (
          .clk(clk),
          .write_i(write_q),
          .write_address_i(write_row_q),
          .data_i(data_q),
          .read_address_i(read_address[ADDRESS_WIDTH-1:LOG2_WORDS]),
          .data_o(words[16*bank+:16])
      );
      wire _unused_ok = &{1'b0, read_step, write_step, read_address, write_address};
    end

    // Back from the banks.
    for (word = 0; word < WORDS; word = word + 1) begin : g_word
      localparam [LOG2_WORDS-1:0] WORD = word;
      reg [LOG2_WORDS-1:0] bank_q;
      reg [15:0] data_q;
      always @(posedge clk) begin
        bank_q <= turned_left(WORD, read_turn) ^ read_fold;
        data_q <= words[16*bank_q+:16];
      end
      assign data_o[16*word+:16] = data_q;
    end
  endgenerate
endmodule

`default_nettype wire
