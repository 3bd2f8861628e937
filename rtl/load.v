// Fills the spectrum memory from the activation memory, block after block.
// Natural order: words n and n + k/2 of a block meet at location bitrev(n), and the first stage of the forward transform
// (group size 2) is computed on the way: one location a cycle. Halfcomplex order (spectra_i): the words of a bin are
// gathered in two cycles. Words past words_i are zero. k = 1: one real word a location.
`default_nettype none

module load #(
    parameter LOG2_K_MAX = 11,
    parameter ACTIVATION_WIDTH = 13,
    parameter SPECTRUM_WIDTH = 13
) (
    input  wire                               clk,
    input  wire                               rst_i,
    input  wire                               start_i,
    input  wire                               spectra_i,
    input  wire        [                 3:0] log2_k_i,
    input  wire        [                15:0] blocks_i,
    input  wire        [                23:0] words_i,
    input  wire                               scaled_i,
    output wire                               busy_o,
    output wire        [ACTIVATION_WIDTH-1:0] read_address_a_o,
    output wire        [ACTIVATION_WIDTH-1:0] read_address_b_o,
    input  wire signed [                15:0] data_a_i,
    input  wire signed [                15:0] data_b_i,
    output reg                                write_o,
    output reg         [  SPECTRUM_WIDTH-1:0] write_address_o,
    output reg         [                31:0] data_o
);
  localparam LOCATION_WIDTH = LOG2_K_MAX - 1;

  wire real_only = (log2_k_i == 4'd0);
  wire [3:0] log2_locations = real_only ? 4'd0 : log2_k_i - 4'd1;
  wire [25:0] total = {10'd0, blocks_i} << log2_locations;

  reg running_q, second_q;
  reg [25:0] count_q;
  wire two_steps = spectra_i && !real_only;
  wire step_ends = !two_steps || second_q;
  wire last = step_ends && (count_q == total - 26'd1);

  // Where the words of this location stand.
  wire [25:0] location_mask = (26'd1 << log2_locations) - 26'd1;
  wire [25:0] location = count_q & location_mask;
  wire [25:0] block_base = (count_q & ~location_mask) << (real_only ? 4'd0 : 4'd1);
  wire [25:0] middle = 26'd1 << log2_locations;
  wire [LOCATION_WIDTH-1:0] reversed;
  wire [LOCATION_WIDTH-1:0] bin;
  bit_reverse #(.WIDTH(LOCATION_WIDTH)) u_reverse (
      .bits_i(log2_locations),
      .i_i(location[LOCATION_WIDTH-1:0]),
      .y_o(reversed)
  );
  bin_at_location #(.WIDTH(LOCATION_WIDTH)) u_bin (
      .location_i(location[LOCATION_WIDTH-1:0]),
      .bin_o(bin)
  );
  wire [25:0] wide_bin = {{(26 - LOCATION_WIDTH) {1'b0}}, bin};
  wire [25:0] imaginary = (location == 26'd0) ? middle : (middle << 1) - wide_bin;
  wire [25:0] word_a = block_base + (spectra_i ? (second_q ? imaginary : wide_bin)
                                               : {{(26 - LOCATION_WIDTH) {1'b0}}, reversed});
  wire [25:0] word_b = word_a + middle;

  assign read_address_a_o = word_a[ACTIVATION_WIDTH-1:0];
  assign read_address_b_o = word_b[ACTIVATION_WIDTH-1:0];

  // One cycle later: the words.
  reg valid_q, second_of_q, inside_a_q, inside_b_q;
  reg [SPECTRUM_WIDTH-1:0] address_q;
  wire signed [15:0] word_a_data = inside_a_q ? data_a_i : 16'sd0;
  wire signed [15:0] word_b_data = inside_b_q ? data_b_i : 16'sd0;
  wire signed [15:0] a, b, sum, difference;
  half_if u_half_a (.scaled_i(scaled_i), .a_i(word_a_data), .y_o(a));
  half_if u_half_b (.scaled_i(scaled_i), .a_i(word_b_data), .y_o(b));
  add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));

  reg [15:0] gathered_q;
  assign busy_o = running_q || valid_q || write_o;

  always @(posedge clk) begin
    inside_a_q  <= (word_a < {2'd0, words_i});
    inside_b_q  <= (word_b < {2'd0, words_i});
    address_q   <= count_q[SPECTRUM_WIDTH-1:0];
    second_of_q <= second_q;
    if (valid_q && !second_of_q) gathered_q <= word_a_data;

    write_address_o <= address_q;
    data_o <= real_only ? {16'd0, word_a_data} : spectra_i ? {word_a_data, gathered_q} : {difference, sum};

    if (rst_i) begin
      running_q <= 1'b0;
      second_q  <= 1'b0;
      count_q   <= 26'd0;
      valid_q   <= 1'b0;
      write_o   <= 1'b0;
    end else begin
      valid_q <= running_q;
      write_o <= valid_q && (!two_steps || second_of_q);
      if (start_i) begin
        running_q <= 1'b1;
        second_q  <= 1'b0;
        count_q   <= 26'd0;
      end else if (running_q) begin
        second_q <= two_steps && !second_q;
        if (step_ends) count_q <= count_q + 26'd1;
        if (last) running_q <= 1'b0;
      end
    end
  end
endmodule

`default_nettype wire
