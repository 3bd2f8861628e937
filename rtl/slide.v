// Slides a window over each channel of a picture: its maximum, its mean, or the sum of its words times weights (a
// depthwise convolution), requantised. One tap a cycle; windows in row order, the channels of each, the taps of each.
// A mean is the sum times factor_i, 1 or the rounded reciprocal of the taps. Weights stand in that order, 2 LANES a word
// of the weight memory. Twin of src/layers/pool.ts and depthwise.ts up to the bias.
`default_nettype none

module slide #(
    parameter LANES = 4,
    parameter WEIGHT_WIDTH = 14
) (
    input  wire                           clk,
    input  wire                           rst_i,
    input  wire                           start_i,
    input  wire                           maximum_i,
    input  wire                           mean_i,
    input  wire        [            23:0] channels_i,
    input  wire        [             4:0] shift_i,
    input  wire        [            15:0] factor_i,
    input  wire        [            15:0] height_i,
    input  wire        [            15:0] width_i,
    input  wire        [             7:0] kernel_rows_i,
    input  wire        [             7:0] kernel_columns_i,
    input  wire        [             7:0] stride_i,
    input  wire        [             7:0] pad_i,
    input  wire        [            15:0] window_rows_i,
    input  wire        [            15:0] window_columns_i,
    input  wire        [            23:0] origin_i,
    input  wire        [            23:0] pixel_stride_i,
    input  wire        [            23:0] line_stride_i,
    input  wire        [            23:0] column_step_i,
    input  wire        [            23:0] row_step_i,
    input  wire        [WEIGHT_WIDTH-1:0] weight_base_i,
    output wire                           busy_o,
    output wire        [            23:0] read_address_o,
    input  wire signed [            15:0] data_i,
    output wire        [WEIGHT_WIDTH-1:0] weight_address_o,
    input  wire        [    32*LANES-1:0] weights_i,
    output wire                           valid_o,
    output reg         [            23:0] place_o,           // of the result in its tensor
    output reg         [            23:0] channel_o,
    output reg signed  [            31:0] acc_o,
    output wire signed [            15:0] word_o
);
  localparam [7:0] LAST_SLOT = 2 * LANES - 1;
  localparam [WEIGHT_WIDTH-1:0] ONE_WEIGHT = 1;

  reg running_q, first_q;
  reg [23:0] channel_q;
  reg [7:0] slot_q;
  reg [WEIGHT_WIDTH-1:0] weight_address_q;
  wire tap_inside, tap_last, window_last;
  wire [23:0] pixel;
  wire channel_last = (channel_q == channels_i - 24'd1);
  wire window_ends = running_q && tap_last && channel_last;
  window_walk u_walk (
      .clk(clk),
      .start_i(start_i),
      .next_tap_i(running_q),
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
  assign read_address_o   = pixel + channel_q;
  assign weight_address_o = weight_address_q;

  always @(posedge clk) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (window_ends && window_last) running_q <= 1'b0;

    if (start_i || window_ends) begin
      first_q <= 1'b1;
      channel_q <= 24'd0;
      slot_q <= 8'd0;
      weight_address_q <= weight_base_i;
    end else if (running_q) begin
      first_q <= tap_last;
      if (tap_last) channel_q <= channel_q + 24'd1;
      slot_q <= (slot_q == LAST_SLOT) ? 8'd0 : slot_q + 8'd1;
      if (slot_q == LAST_SLOT) weight_address_q <= weight_address_q + ONE_WEIGHT;
    end
  end

  // Cycle 1 the memories, 2 the product, 3 the sum or the maximum, 4 the mean.
  reg [3:0] valid_q, last_q;
  reg first_1q, first_2q, inside_1q;
  reg [7:0] slot_1q;
  reg signed [31:0] term_q, sum_q, total_q;
  wire signed [15:0] outside = maximum_i ? 16'sh8000 : 16'sd0;
  wire signed [15:0] x = inside_1q ? data_i : outside;
  wire signed [15:0] w = weights_i[16*slot_1q+:16];
  wire signed [31:0] product = x * w;
  wire signed [31:0] widened = {{16{x[15]}}, x};
  wire signed [16:0] factor = {1'b0, factor_i};
  wire signed [31:0] mean = sum_q * factor;

  always @(posedge clk) begin
    first_1q  <= first_q;
    first_2q  <= first_1q;
    inside_1q <= tap_inside;
    slot_1q   <= slot_q;
    term_q    <= (maximum_i || mean_i) ? widened : product;
    if (valid_q[1]) begin
      if (first_2q) sum_q <= term_q;
      else if (maximum_i) sum_q <= (term_q > sum_q) ? term_q : sum_q;
      else sum_q <= sum_q + term_q;
    end
    total_q <= mean_i ? mean : sum_q;
    acc_o   <= sum_q;
    valid_q <= rst_i ? 4'd0 : {valid_q[2:0], running_q};
    last_q  <= {last_q[2:0], tap_last};

    // Results leave in the order of their tensor.
    if (start_i) begin
      place_o   <= 24'd0;
      channel_o <= 24'd0;
    end else if (valid_o) begin
      place_o   <= place_o + 24'd1;
      channel_o <= (channel_o == channels_i - 24'd1) ? 24'd0 : channel_o + 24'd1;
    end
  end
  assign valid_o = valid_q[3] && last_q[3];
  assign busy_o  = running_q || (valid_q != 4'd0);

  requant u_requant (.acc_i(total_q), .shift_i(shift_i), .y_o(word_o));
endmodule

`default_nettype wire
