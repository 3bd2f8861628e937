// Walks over the locations of all blocks and says which words belong to each. Blocks stand in rows (the pixels of a
// picture, or one row for a vector): a row has blocks_i blocks of which the last may reach past its words_i words.
// Natural order: words n = bitrev(location) and n + k/2 of the block, one location a cycle. Halfcomplex order (spectra_i):
// the words of the location's bin, the real one first, in two cycles (second_o in the latter). k = 1: one word, one cycle.
`default_nettype none

module location_walk #(
    parameter LOG2_K_MAX = 11
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire        start_i,
    input  wire        spectra_i,
    input  wire [ 3:0] log2_k_i,
    input  wire [23:0] rows_i,
    input  wire [23:0] blocks_i,
    input  wire [23:0] words_i,
    input  wire [23:0] base_i,      // address of the first word
    output wire        valid_o,
    output wire        second_o,
    output wire        ends_o,      // last cycle of a location
    output wire [23:0] location_o,
    output wire [23:0] column_a_o,  // place in the row
    output wire [23:0] column_b_o,
    output wire        inside_a_o,  // the row has that word
    output wire        inside_b_o,
    output wire [23:0] address_a_o,
    output wire [23:0] address_b_o,
    output wire [23:0] padded_a_o,  // place in all blocks one after the other
    output wire [23:0] padded_b_o
);
  localparam LOCATION_WIDTH = LOG2_K_MAX - 1;
  localparam [LOCATION_WIDTH-1:0] ONE = 1;

  wire real_only = (log2_k_i == 4'd0);
  wire [3:0] log2_locations = real_only ? 4'd0 : log2_k_i - 4'd1;
  wire [23:0] middle = 24'd1 << log2_locations;
  wire two_steps = spectra_i && !real_only;

  reg running_q, second_q;
  reg [LOCATION_WIDTH-1:0] offset_q;  // location in the block
  reg [23:0] location_q, block_q, row_q, block_column_q, row_address_q, block_padded_q;
  wire [LOCATION_WIDTH:0] offset_after = {1'b0, offset_q} + {1'b0, ONE};
  wire block_ends = (offset_after == middle[LOCATION_WIDTH:0]);
  wire row_ends = (block_q == blocks_i - 24'd1);
  wire [23:0] k = 24'd1 << log2_k_i;

  assign valid_o = running_q;
  assign second_o = second_q;
  assign ends_o = !two_steps || second_q;
  assign location_o = location_q;

  always @(posedge clk) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (ends_o && block_ends && row_ends && row_q == rows_i - 24'd1) running_q <= 1'b0;

    if (start_i) begin
      second_q <= 1'b0;
      offset_q <= {LOCATION_WIDTH{1'b0}};
      location_q <= 24'd0;
      block_q <= 24'd0;
      row_q <= 24'd0;
      block_column_q <= 24'd0;
      row_address_q <= base_i;
      block_padded_q <= 24'd0;
    end else if (running_q) begin
      second_q <= two_steps && !second_q;
      if (ends_o) begin
        location_q <= location_q + 24'd1;
        offset_q   <= block_ends ? {LOCATION_WIDTH{1'b0}} : offset_after[LOCATION_WIDTH-1:0];
        if (block_ends) begin
          block_padded_q <= block_padded_q + k;
          block_q <= row_ends ? 24'd0 : block_q + 24'd1;
          block_column_q <= row_ends ? 24'd0 : block_column_q + k;
          if (row_ends) begin
            row_q <= row_q + 24'd1;
            row_address_q <= row_address_q + words_i;
          end
        end
      end
    end
  end

  wire [LOCATION_WIDTH-1:0] reversed;
  wire [LOCATION_WIDTH-1:0] bin;
  bit_reverse #(.WIDTH(LOCATION_WIDTH)) u_reverse (
      .bits_i(log2_locations),
      .i_i(offset_q),
      .y_o(reversed)
  );
  bin_at_location #(.WIDTH(LOCATION_WIDTH)) u_bin (
      .location_i(offset_q),
      .bin_o(bin)
  );
  wire [23:0] wide_bin = {{(24 - LOCATION_WIDTH) {1'b0}}, bin};
  wire [23:0] imaginary = (offset_q == {LOCATION_WIDTH{1'b0}}) ? middle : k - wide_bin;
  wire [23:0] natural = {{(24 - LOCATION_WIDTH) {1'b0}}, reversed};
  wire [23:0] word = !spectra_i ? natural : second_q ? imaginary : wide_bin;
  assign column_a_o  = block_column_q + word;
  assign column_b_o  = column_a_o + middle;
  assign inside_a_o  = (column_a_o < words_i);
  assign inside_b_o  = (column_b_o < words_i) && !spectra_i && !real_only;
  assign address_a_o = row_address_q + column_a_o;
  assign address_b_o = row_address_q + column_b_o;
  assign padded_a_o  = block_padded_q + word;
  assign padded_b_o  = padded_a_o + middle;
endmodule

`default_nettype wire
