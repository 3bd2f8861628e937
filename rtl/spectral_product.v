// The block-circulant product in the frequency domain: for LANES output blocks at a time, location after location, the
// sum over the input blocks of spectrum times weights; each sum is requantised and written beside the spectra.
// A location takes max(q, lanes in use) cycles: the sums of one leave one a cycle while the next are formed.
`default_nettype none

module spectral_product #(
    parameter LANES = 4,
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 13,
    parameter WEIGHT_WIDTH = 14
) (
    input  wire                             clk,
    input  wire                             rst_i,
    input  wire                             start_i,
    input  wire        [               3:0] log2_k_i,
    input  wire        [              15:0] output_blocks_i,
    input  wire        [              15:0] input_blocks_i,
    input  wire        [               4:0] shift_i,
    input  wire        [  WEIGHT_WIDTH-1:0] weight_base_i,
    input  wire        [SPECTRUM_WIDTH-1:0] product_base_i,
    output wire                             busy_o,
    output wire        [SPECTRUM_WIDTH-1:0] read_address_o,
    input  wire        [              31:0] spectrum_i,
    output wire        [  WEIGHT_WIDTH-1:0] weight_address_o,
    input  wire        [      32*LANES-1:0] weights_i,
    output reg                              write_o,
    output reg         [SPECTRUM_WIDTH-1:0] write_address_o,
    output wire        [              31:0] data_o,
    output reg signed  [              31:0] acc_re_o,
    output reg signed  [              31:0] acc_im_o
);
  localparam [15:0] ALL_LANES = LANES;
  localparam [SPECTRUM_WIDTH-1:0] ONE = 1;
  localparam [LOG2_K_MAX-1:0] ONE_LOCATION = 1;
  localparam [WEIGHT_WIDTH-1:0] ONE_WEIGHT = 1;

  wire [3:0] log2_locations = (log2_k_i == 4'd0) ? 4'd0 : log2_k_i - 4'd1;
  wire [LOG2_K_MAX-1:0] locations = ONE_LOCATION << log2_locations;
  wire [SPECTRUM_WIDTH-1:0] block_stride = ONE << log2_locations;
  wire [SPECTRUM_WIDTH-1:0] group_stride = ALL_LANES[SPECTRUM_WIDTH-1:0] << log2_locations;

  // The loops: groups of output blocks, locations, input blocks.
  reg running_q;
  reg [15:0] blocks_left_q, step_q;
  reg [LOG2_K_MAX-1:0] location_q;
  reg [SPECTRUM_WIDTH-1:0] read_address_q, group_base_q;
  reg [WEIGHT_WIDTH-1:0] weight_address_q;
  wire [15:0] lanes_in_use = (blocks_left_q < ALL_LANES) ? blocks_left_q : ALL_LANES;
  wire [15:0] steps = (input_blocks_i < lanes_in_use) ? lanes_in_use : input_blocks_i;
  wire issue = running_q && (step_q < input_blocks_i);
  wire step_last = (step_q == steps - 16'd1);
  wire location_last = (location_q == locations - ONE_LOCATION);
  wire group_last = (blocks_left_q <= ALL_LANES);
  wire [SPECTRUM_WIDTH-1:0] location_address = {{(SPECTRUM_WIDTH - LOG2_K_MAX) {1'b0}}, location_q};

  assign read_address_o   = read_address_q;
  assign weight_address_o = weight_address_q;

  always @(posedge clk) begin
    if (rst_i) begin
      running_q <= 1'b0;
      blocks_left_q <= 16'd0;
      step_q <= 16'd0;
      location_q <= {LOG2_K_MAX{1'b0}};
      read_address_q <= {SPECTRUM_WIDTH{1'b0}};
      group_base_q <= {SPECTRUM_WIDTH{1'b0}};
      weight_address_q <= {WEIGHT_WIDTH{1'b0}};
    end else if (start_i) begin
      running_q <= 1'b1;
      blocks_left_q <= output_blocks_i;
      step_q <= 16'd0;
      location_q <= {LOG2_K_MAX{1'b0}};
      read_address_q <= {SPECTRUM_WIDTH{1'b0}};
      group_base_q <= product_base_i;
      weight_address_q <= weight_base_i;
    end else if (running_q) begin
      if (issue) weight_address_q <= weight_address_q + ONE_WEIGHT;
      if (!step_last) begin
        step_q <= step_q + 16'd1;
        read_address_q <= read_address_q + block_stride;
      end else begin
        step_q <= 16'd0;
        if (!location_last) begin
          location_q <= location_q + ONE_LOCATION;
          read_address_q <= location_address + ONE;
        end else begin
          location_q <= {LOG2_K_MAX{1'b0}};
          read_address_q <= {SPECTRUM_WIDTH{1'b0}};
          group_base_q <= group_base_q + group_stride;
          blocks_left_q <= blocks_left_q - ALL_LANES;
          if (group_last) running_q <= 1'b0;
        end
      end
    end
  end

  // What travels beside the words: cycle 1 memories, cycle 2 products, cycle 3 sums.
  reg valid_q, first_q, real_q;
  reg [2:0] last_q;
  reg [15:0] lanes_q, lanes_2q, lanes_3q;
  reg [SPECTRUM_WIDTH-1:0] target_q, target_2q, target_3q;
  always @(posedge clk) begin
    first_q   <= (step_q == 16'd0);
    real_q    <= (location_q == {LOG2_K_MAX{1'b0}});
    lanes_q   <= lanes_in_use;
    lanes_2q  <= lanes_q;
    lanes_3q  <= lanes_2q;
    target_q  <= group_base_q + location_address;
    target_2q <= target_q;
    target_3q <= target_2q;
    valid_q   <= issue && !rst_i;
    last_q    <= rst_i ? 3'd0 : {last_q[1:0], issue && (step_q == input_blocks_i - 16'd1)};
  end

  wire [64*LANES-1:0] sums;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
      spectral_lane u_lane (
          .clk(clk),
          .valid_i(valid_q),
          .first_i(first_q),
          .real_i(real_q),
          .x_re_i(spectrum_i[15:0]),
          .x_im_i(spectrum_i[31:16]),
          .w_re_i(weights_i[32*lane+:16]),
          .w_im_i(weights_i[32*lane+16+:16]),
          .acc_re_o(sums[64*lane+:32]),
          .acc_im_o(sums[64*lane+32+:32])
      );
    end
  endgenerate

  // The sums leave lane by lane.
  reg [64*LANES-1:0] leaving_q;
  reg [15:0] leaving_count_q;
  reg [SPECTRUM_WIDTH-1:0] leaving_address_q;
  wire leaving = (leaving_count_q != 16'd0);
  always @(posedge clk) begin
    if (rst_i) leaving_count_q <= 16'd0;
    else if (last_q[2]) leaving_count_q <= lanes_3q;
    else if (leaving) leaving_count_q <= leaving_count_q - 16'd1;

    if (last_q[2]) begin
      leaving_q <= sums;
      leaving_address_q <= target_3q;
    end else begin
      leaving_q <= leaving_q >> 64;
      leaving_address_q <= leaving_address_q + block_stride;
    end

    write_o <= leaving && !rst_i;
    write_address_o <= leaving_address_q;
    acc_re_o <= leaving_q[31:0];
    acc_im_o <= leaving_q[63:32];
  end

  requant u_requant_re (.acc_i(acc_re_o), .shift_i(shift_i), .y_o(data_o[15:0]));
  requant u_requant_im (.acc_i(acc_im_o), .shift_i(shift_i), .y_o(data_o[31:16]));

  assign busy_o = running_q || valid_q || (last_q != 3'd0) || leaving || write_o;
endmodule

`default_nettype wire
