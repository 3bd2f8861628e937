// The window of a job: window_walk with what start_i brings, held until the next job starts.
`default_nettype none

module job_window (
    input  wire        clk,
    input  wire        start_i,
    input  wire        next_tap_i,
    input  wire        next_window_i,
    input  wire [15:0] height_i,
    input  wire [15:0] width_i,
    input  wire [ 7:0] kernel_rows_i,
    input  wire [ 7:0] kernel_columns_i,
    input  wire [ 7:0] stride_i,
    input  wire [ 7:0] pad_i,
    input  wire [15:0] window_rows_i,
    input  wire [15:0] window_columns_i,
    input  wire [23:0] origin_i,
    input  wire [23:0] pixel_stride_i,
    input  wire [23:0] line_stride_i,
    input  wire [23:0] column_step_i,
    input  wire [23:0] row_step_i,
    output wire [23:0] address_o,
    output wire        inside_o,
    output wire        tap_last_o,
    output wire        window_last_o
);
  reg [15:0] height_q;
  reg [15:0] width_q;
  reg [7:0] kernel_rows_q;
  reg [7:0] kernel_columns_q;
  reg [7:0] stride_q;
  reg [7:0] pad_q;
  reg [15:0] window_rows_q;
  reg [15:0] window_columns_q;
  reg [23:0] pixel_stride_q;
  reg [23:0] line_stride_q;
  reg [23:0] column_step_q;
  reg [23:0] row_step_q;
  always @(posedge clk) begin
    if (start_i) begin
      height_q <= height_i;
      width_q <= width_i;
      kernel_rows_q <= kernel_rows_i;
      kernel_columns_q <= kernel_columns_i;
      stride_q <= stride_i;
      pad_q <= pad_i;
      window_rows_q <= window_rows_i;
      window_columns_q <= window_columns_i;
      pixel_stride_q <= pixel_stride_i;
      line_stride_q <= line_stride_i;
      column_step_q <= column_step_i;
      row_step_q <= row_step_i;
    end
  end

  window_walk u_walk (
      .clk(clk),
      .start_i(start_i),
      .next_tap_i(next_tap_i),
      .next_window_i(next_window_i),
      .height_i(height_q),
      .width_i(width_q),
      .kernel_rows_i(kernel_rows_q),
      .kernel_columns_i(kernel_columns_q),
      .stride_i(stride_q),
      .pad_i(start_i ? pad_i : pad_q),
      .window_rows_i(window_rows_q),
      .window_columns_i(window_columns_q),
      .origin_i(origin_i),
      .pixel_stride_i(pixel_stride_q),
      .line_stride_i(line_stride_q),
      .column_step_i(column_step_q),
      .row_step_i(row_step_q),
      .address_o(address_o),
      .inside_o(inside_o),
      .tap_last_o(tap_last_o),
      .window_last_o(window_last_o)
  );
endmodule

`default_nettype wire
