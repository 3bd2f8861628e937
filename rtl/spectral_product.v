// The block-circulant product in the frequency domain: for each window, LANES output blocks at a time, location after
// location, the sum over taps and input blocks of spectrum times weights; each sum is requantised and written beside the
// spectra. Taps outside the picture add nothing. A vector is a picture of one pixel under one window of one tap.
// A location takes max(taps times input blocks, lanes in use) cycles: the sums of one leave one a cycle while the next
// are formed. Weights stand in the order of use and are read anew for each window.
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
    input  wire        [              23:0] output_blocks_i,
    input  wire        [              23:0] input_blocks_i,
    input  wire        [               4:0] shift_i,
    input  wire        [              15:0] height_i,
    input  wire        [              15:0] width_i,
    input  wire        [               7:0] kernel_rows_i,
    input  wire        [               7:0] kernel_columns_i,
    input  wire        [               7:0] stride_i,
    input  wire        [               7:0] pad_i,
    input  wire        [              15:0] window_rows_i,
    input  wire        [              15:0] window_columns_i,
    input  wire        [              23:0] origin_i,
    input  wire        [              23:0] pixel_stride_i,
    input  wire        [              23:0] line_stride_i,
    input  wire        [              23:0] column_step_i,
    input  wire        [              23:0] row_step_i,
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
  localparam [23:0] ALL_LANES = LANES;
  localparam [SPECTRUM_WIDTH-1:0] ONE = 1;
  localparam [LOG2_K_MAX-1:0] ONE_LOCATION = 1;
  localparam [WEIGHT_WIDTH-1:0] ONE_WEIGHT = 1;

  wire [3:0] log2_locations = (log2_k_i == 4'd0) ? 4'd0 : log2_k_i - 4'd1;
  wire [LOG2_K_MAX-1:0] locations = ONE_LOCATION << log2_locations;
  wire [SPECTRUM_WIDTH-1:0] block_stride = ONE << log2_locations;
  wire [SPECTRUM_WIDTH-1:0] group_stride = ALL_LANES[SPECTRUM_WIDTH-1:0] << log2_locations;
  wire [SPECTRUM_WIDTH-1:0] window_stride = output_blocks_i[SPECTRUM_WIDTH-1:0] << log2_locations;

  // The loops: windows, groups of output blocks, locations, taps, input blocks. After its last product a location waits
  // until the sums of the one before have left.
  reg running_q, waiting_q, first_q;
  reg [6:0] step_q;
  reg [23:0] blocks_left_q, block_q;
  reg [LOG2_K_MAX-1:0] location_q;
  reg [SPECTRUM_WIDTH-1:0] offset_q, group_base_q, window_base_q;
  reg [WEIGHT_WIDTH-1:0] weight_address_q;
  wire tap_inside, tap_last, window_last;
  wire [23:0] pixel;
  wire [6:0] lanes_in_use = (blocks_left_q < ALL_LANES) ? blocks_left_q[6:0] : ALL_LANES[6:0];
  wire issue = running_q && !waiting_q;
  wire block_last = (block_q == input_blocks_i - 24'd1);
  wire sum_last = issue && block_last && tap_last;
  wire steps_done = (step_q + 7'd1 >= lanes_in_use);
  wire location_ends = running_q && steps_done && (sum_last || waiting_q);
  wire group_ends = location_ends && (location_q == locations - ONE_LOCATION);
  wire window_ends = group_ends && (blocks_left_q <= ALL_LANES);
  wire [LOG2_K_MAX-1:0] location_d = group_ends ? {LOG2_K_MAX{1'b0}} : location_q + ONE_LOCATION;

  window_walk u_walk (
      .clk(clk),
      .start_i(start_i),
      .next_tap_i(issue && block_last),
      .next_window_i(window_ends),
      .height_i(height_i),
      .width_i(width_i),
      .kernel_rows_i(kernel_rows_i),
      .kernel_columns_i(kernel_columns_i),
      .stride_i(stride_i),
      .pad_i(pad_i),
      .window_rows_i(window_rows_i),
      .window_columns_i(window_columns_i),
      .origin_i(origin_i),
      .pixel_stride_i(pixel_stride_i),
      .line_stride_i(line_stride_i),
      .column_step_i(column_step_i),
      .row_step_i(row_step_i),
      .address_o(pixel),
      .inside_o(tap_inside),
      .tap_last_o(tap_last),
      .window_last_o(window_last)
  );
  assign read_address_o   = pixel[SPECTRUM_WIDTH-1:0] + offset_q;
  assign weight_address_o = weight_address_q;

  always @(posedge clk) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (window_ends && window_last) running_q <= 1'b0;

    if (start_i) begin
      waiting_q <= 1'b0;
      first_q <= 1'b1;
      step_q <= 7'd0;
      block_q <= 24'd0;
      location_q <= {LOG2_K_MAX{1'b0}};
      offset_q <= {SPECTRUM_WIDTH{1'b0}};
      blocks_left_q <= output_blocks_i;
      group_base_q <= product_base_i;
      window_base_q <= product_base_i + window_stride;
      weight_address_q <= weight_base_i;
    end else if (running_q) begin
      waiting_q <= (sum_last || waiting_q) && !steps_done;
      first_q <= location_ends;
      step_q <= location_ends ? 7'd0 : steps_done ? step_q : step_q + 7'd1;
      if (issue) block_q <= block_last ? 24'd0 : block_q + 24'd1;

      if (location_ends) begin
        location_q <= location_d;
        offset_q   <= {{(SPECTRUM_WIDTH - LOG2_K_MAX) {1'b0}}, location_d};
      end else if (issue) begin
        offset_q <= block_last ? {{(SPECTRUM_WIDTH - LOG2_K_MAX) {1'b0}}, location_q} : offset_q + block_stride;
      end

      if (window_ends) begin
        blocks_left_q <= output_blocks_i;
        group_base_q <= window_base_q;
        window_base_q <= window_base_q + window_stride;
      end else if (group_ends) begin
        blocks_left_q <= blocks_left_q - ALL_LANES;
        group_base_q <= group_base_q + group_stride;
      end

      if (window_ends) weight_address_q <= weight_base_i;
      else if (issue) weight_address_q <= weight_address_q + ONE_WEIGHT;
    end
  end

  // What travels beside the words: cycle 1 memories, cycle 2 products, cycle 3 sums.
  reg valid_q, first_1q, real_q, inside_q;
  reg [2:0] last_q;
  reg [6:0] lanes_q, lanes_2q, lanes_3q;
  reg [SPECTRUM_WIDTH-1:0] target_q, target_2q, target_3q;
  always @(posedge clk) begin
    first_1q  <= first_q;
    inside_q  <= tap_inside;
    real_q    <= (location_q == {LOG2_K_MAX{1'b0}});
    lanes_q   <= lanes_in_use;
    lanes_2q  <= lanes_q;
    lanes_3q  <= lanes_2q;
    target_q  <= group_base_q + {{(SPECTRUM_WIDTH - LOG2_K_MAX) {1'b0}}, location_q};
    target_2q <= target_q;
    target_3q <= target_2q;
    valid_q   <= issue && !rst_i;
    last_q    <= rst_i ? 3'd0 : {last_q[1:0], sum_last};
  end
  wire [31:0] spectrum = inside_q ? spectrum_i : 32'd0;

  wire [64*LANES-1:0] sums;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
      spectral_lane u_lane (
          .clk(clk),
          .valid_i(valid_q),
          .first_i(first_1q),
          .real_i(real_q),
          .x_re_i(spectrum[15:0]),
          .x_im_i(spectrum[31:16]),
          .w_re_i(weights_i[32*lane+:16]),
          .w_im_i(weights_i[32*lane+16+:16]),
          .acc_re_o(sums[64*lane+:32]),
          .acc_im_o(sums[64*lane+32+:32])
      );
    end
  endgenerate

  // The sums leave lane by lane.
  reg [64*LANES-1:0] leaving_q;
  reg [6:0] leaving_count_q;
  reg [SPECTRUM_WIDTH-1:0] leaving_address_q;
  wire leaving = (leaving_count_q != 7'd0);
  always @(posedge clk) begin
    if (rst_i) leaving_count_q <= 7'd0;
    else if (last_q[2]) leaving_count_q <= lanes_3q;
    else if (leaving) leaving_count_q <= leaving_count_q - 7'd1;

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

  wire _unused_ok = &{1'b0, pixel, output_blocks_i};
endmodule

`default_nettype wire
