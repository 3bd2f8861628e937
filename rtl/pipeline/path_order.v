// The words of a row as the pairs of the paths: path q holds word bitrev(q) and, as its second, the one half a block
// behind. Blocks shorter than a row use the first k / 2 paths. Combinational; INVERSE goes back.
`default_nettype none

module path_order #(
    parameter LOG2_PATHS = 2,
    parameter INVERSE = 0
) (
    input  wire [                 3:0] log2_k_i,
    input  wire [(32<<LOG2_PATHS)-1:0] words_i,
    output wire [(32<<LOG2_PATHS)-1:0] paths_o
);
  localparam PATHS = 1 << LOG2_PATHS;
  localparam ROW = 32 * PATHS;

  function integer reversed(input integer bits, input integer value);
    integer place;
    begin
      reversed = 0;
      for (place = 0; place < bits; place = place + 1) begin
        if (((value >> place) & 1) != 0) reversed = reversed | (1 << (bits - 1 - place));
      end
    end
  endfunction

  // One order for each block size up to a row; larger blocks have that of a row.
  wire [ROW*(LOG2_PATHS+1)-1:0] orders;
  genvar bits, path;
  generate
    for (bits = 0; bits <= LOG2_PATHS; bits = bits + 1) begin : g_bits
      for (path = 0; path < PATHS; path = path + 1) begin : g_path
        localparam USED = (path < (1 << bits));
        localparam WORD = USED ? reversed(bits, path) : 0;
        localparam SECOND = USED ? WORD + (1 << bits) : 0;
        if (!USED) begin : g_unused
          if (INVERSE == 0) assign orders[ROW*bits+32*path+:32] = 32'd0;
          else assign orders[ROW*bits+(32<<bits)+32*(path-(1<<bits))+:32] = 32'd0;
        end else if (INVERSE == 0) begin : g_forward
          assign orders[ROW*bits+32*path+:16] = words_i[16*WORD+:16];
          assign orders[ROW*bits+32*path+16+:16] = words_i[16*SECOND+:16];
        end else begin : g_inverse
          assign orders[ROW*bits+16*WORD+:16] = words_i[32*path+:16];
          assign orders[ROW*bits+16*SECOND+:16] = words_i[32*path+16+:16];
        end
      end
    end
  endgenerate

  localparam [31:0] MOST = LOG2_PATHS;
  wire [3:0] path_bits = (log2_k_i == 4'd0) ? 4'd0 : (log2_k_i > MOST[3:0]) ? MOST[3:0] : log2_k_i - 4'd1;
  assign paths_o = orders[ROW*path_bits+:ROW];
endmodule

`default_nettype wire
