// Drives a streaming transform, forward or inverse, with the rows of the memory `inputs` and dumps those that leave.
// rows_i rows are sent; after every block a pause of pause_i cycles, with stall_seed_i also random ones.
// It compares nothing; that is done outside, on the dumped words.
`default_nettype none

module transform_bench #(
    parameter INVERSE = 0,
    parameter LOG2_PATHS = 2,
    parameter LOG2_K_MAX = 11,
    parameter ADDRESS_WIDTH = 12
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire [ 3:0] log2_k_i,
    input  wire [10:0] schedule_0_i,  // of the blocks with even numbers
    input  wire [10:0] schedule_1_i,
    input  wire [23:0] rows_i,
    input  wire [ 9:0] rows_per_block_i,
    input  wire [31:0] stall_seed_i,
    output wire        done_o,
    output reg  [31:0] latency_o      // cycles from the first row in to the first row out
);
  localparam ROW = 32 << LOG2_PATHS;
  reg [31:0] random_q;
  reg [23:0] sent_q, left_q;
  reg [9:0] place_q;
  reg tag_q, valid_q, waiting_q;
  reg [31:0] clock_q;
  wire [ROW-1:0] row, made;
  wire made_valid, made_tag;
  wire first = (place_q == 10'd0);
  wire pause = first && (stall_seed_i != 32'd0) && random_q[1];
  wire send = (sent_q != rows_i) && !pause;
  assign done_o = (left_q == rows_i);

  memory #(.WIDTH(ROW), .ADDRESS_WIDTH(ADDRESS_WIDTH)) u_inputs (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_i({ROW{1'b0}}),
      .read_address_i(sent_q[ADDRESS_WIDTH-1:0]),
      .data_o(row)
  );
  wire [ROW-1:0] unused_row;
  memory #(.WIDTH(ROW), .ADDRESS_WIDTH(ADDRESS_WIDTH)) u_outputs (
      .clk(clk),
      .write_i(made_valid),
      .write_address_i(left_q[ADDRESS_WIDTH-1:0]),
      .data_i(made),
      .read_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_o(unused_row)
  );

  always @(posedge clk) begin
    random_q <= rst_i ? ((stall_seed_i == 32'd0) ? 32'd1 : stall_seed_i)
                      : {1'b0, random_q[31:1]} ^ (random_q[0] ? 32'h80200003 : 32'd0);
    clock_q <= rst_i ? 32'd0 : clock_q + 32'd1;
    if (rst_i) begin
      sent_q <= 24'd0;
      left_q <= 24'd0;
      place_q <= 10'd0;
      valid_q <= 1'b0;
      tag_q <= 1'b1;
      waiting_q <= 1'b1;
    end else begin
      valid_q <= send;
      if (send) begin
        sent_q  <= sent_q + 24'd1;
        place_q <= (place_q == rows_per_block_i - 10'd1) ? 10'd0 : place_q + 10'd1;
        if (first) tag_q <= !tag_q;
      end
      if (made_valid) left_q <= left_q + 24'd1;
      if (valid_q && waiting_q) begin
        waiting_q <= 1'b0;
        latency_o <= 32'd0 - clock_q;
      end else if (made_valid && left_q == 24'd0) latency_o <= latency_o + clock_q;
    end
  end

  generate
    if (INVERSE == 0) begin : g_forward
      forward_transform #(.LOG2_PATHS(LOG2_PATHS), .LOG2_K_MAX(LOG2_K_MAX)) u_transform (
          .clk(clk),
          .rst_i(rst_i),
          .log2_k_i(log2_k_i),
          .schedule_0_i(schedule_0_i[LOG2_K_MAX-1:0]),
          .schedule_1_i(schedule_1_i[LOG2_K_MAX-1:0]),
          .valid_i(valid_q),
          .tag_i(tag_q),
          .row_i(row),
          .valid_o(made_valid),
          .tag_o(made_tag),
          .row_o(made)
      );
    end else begin : g_inverse
      inverse_transform #(.LOG2_PATHS(LOG2_PATHS), .LOG2_K_MAX(LOG2_K_MAX)) u_transform (
          .clk(clk),
          .rst_i(rst_i),
          .log2_k_i(log2_k_i),
          .schedule_0_i(schedule_0_i[LOG2_K_MAX-1:0]),
          .schedule_1_i(schedule_1_i[LOG2_K_MAX-1:0]),
          .valid_i(valid_q),
          .tag_i(tag_q),
          .row_i(row),
          .valid_o(made_valid),
          .tag_o(made_tag),
          .row_o(made)
      );
    end
  endgenerate
  wire _unused_ok = &{1'b0, made_tag, unused_row, schedule_0_i, schedule_1_i};
endmodule

`default_nettype wire
