// Walks over the locations of all blocks and says which words of the activations belong to each.
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
    input  wire [15:0] blocks_i,
    output wire        valid_o,
    output wire        second_o,
    output wire        ends_o,    // last cycle of a location
    output wire [25:0] location_o,
    output wire [25:0] word_a_o,
    output wire [25:0] word_b_o
);
  localparam LOCATION_WIDTH = LOG2_K_MAX - 1;

  wire real_only = (log2_k_i == 4'd0);
  wire [3:0] log2_locations = real_only ? 4'd0 : log2_k_i - 4'd1;
  wire [25:0] total = {10'd0, blocks_i} << log2_locations;
  wire two_steps = spectra_i && !real_only;

  reg running_q, second_q;
  reg [25:0] count_q;
  assign valid_o = running_q;
  assign second_o = second_q;
  assign ends_o = !two_steps || second_q;
  assign location_o = count_q;

  always @(posedge clk) begin
    if (rst_i) begin
      running_q <= 1'b0;
      second_q  <= 1'b0;
      count_q   <= 26'd0;
    end else if (start_i) begin
      running_q <= 1'b1;
      second_q  <= 1'b0;
      count_q   <= 26'd0;
    end else if (running_q) begin
      second_q <= two_steps && !second_q;
      if (ends_o) count_q <= count_q + 26'd1;
      if (ends_o && count_q == total - 26'd1) running_q <= 1'b0;
    end
  end

  wire [25:0] middle = 26'd1 << log2_locations;
  wire [25:0] offset = count_q & (middle - 26'd1);
  wire [25:0] block_base = (count_q - offset) << (real_only ? 4'd0 : 4'd1);
  wire [LOCATION_WIDTH-1:0] reversed;
  wire [LOCATION_WIDTH-1:0] bin;
  bit_reverse #(.WIDTH(LOCATION_WIDTH)) u_reverse (
      .bits_i(log2_locations),
      .i_i(offset[LOCATION_WIDTH-1:0]),
      .y_o(reversed)
  );
  bin_at_location #(.WIDTH(LOCATION_WIDTH)) u_bin (
      .location_i(offset[LOCATION_WIDTH-1:0]),
      .bin_o(bin)
  );
  wire [25:0] wide_bin = {{(26 - LOCATION_WIDTH) {1'b0}}, bin};
  wire [25:0] imaginary = (offset == 26'd0) ? middle : (middle << 1) - wide_bin;
  wire [25:0] natural = {{(26 - LOCATION_WIDTH) {1'b0}}, reversed};
  assign word_a_o = block_base + (!spectra_i ? natural : second_q ? imaginary : wide_bin);
  assign word_b_o = word_a_o + middle;
endmodule

`default_nettype wire
